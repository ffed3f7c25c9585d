"""The plumbing of Passerelle: from a school's systems to its marts, its model and its coaches' reports."""
