"""Errors say what was found, what is allowed and where to fix it, wherever they travel."""

import pickle

from passerelle import errors


def test_an_error_carries_its_remedy_in_its_message():
    message = str(errors.BadFile("empty file", allowed="a header and rows", fix="ask the LMS team"))
    assert message == "empty file\n  allowed: a header and rows\n  fix:     ask the LMS team"


def test_an_error_survives_a_process_boundary():
    error = errors.GateFailure("unknown code", allowed="BE, EU", fix="sis.learner")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy)) == (type(error), str(error))


def test_each_branch_of_the_tree_has_its_own_exit_code():
    branches = errors.PasserelleError.__subclasses__()
    codes = [branch.exit_code for branch in branches]
    assert len(set(codes)) == len(branches)
    assert 0 not in codes
    assert 1 not in codes
