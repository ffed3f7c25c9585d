"""Names as a Belgian class has them, awkward ones included: apostrophes, hyphens, particles, accents."""

from __future__ import annotations

FIRST_NAMES = {
    "fr": {
        "F": "Amélie Zoé Chloé Inès Léa Océane Anne-Sophie Maëlle Noémie Françoise Héloïse Solène "
        "Camille Manon Juliette Élise Margaux Clémence Céline Aurore Delphine Sabine",
        "M": "Loïc Benoît Théo Jean-Baptiste Aurélien Rémi François Gaëtan Jérôme Maxime Hugo Étienne "
        "Lucas Antoine Mathieu Nicolas Grégory Sébastien Fabrice Cédric Julien Olivier",
    },
    "nl": {
        "F": "Lotte Fien Anke Maaike Joke Liesbeth Renée Griet An-Sofie Eline Noor Hilde "
        "Sofie Katrien Lies Nele Ilse Marijke Evelien Veerle Tine Silke",
        "M": "Wout Jef Pieter-Jan Koen Bart Jeroen Tijs Raf Stijn Daan Seppe Joris "
        "Bram Stef Ruben Lander Thijs Jonas Brecht Kobe Simon Dries",
    },
    "ar": {
        "F": "Fatima-Zahra Khadija Yasmina Salma Nour Hajar Imane Samira Leïla Soukaïna "
        "Nadia Rania Meryem Houda Sanae Ikram",
        "M": "Mohamed Youssef Bilal Anass Ilyas Abdelkader Zakaria Hamza Naïm Ismaël "
        "Karim Rachid Soufiane Nabil Tarik Omar",
    },
    "tr": {
        "F": "Elif Ayşe Zeynep Gülşen Emine Büşra Şeyma Özlem",
        "M": "Emre Mehmet Çağlar Oğuz Yiğit Burak Ömer İsmail",
    },
    "en": {
        "F": "Grace Blessing Precious Chidinma Aoife Sinéad Joy Adaeze",
        "M": "Emmanuel Chukwuemeka Séan Kwame Samuel Oluwaseun Godwin Patrick",
    },
    "uk": {
        "F": "Maria Oksana Svitlana Małgorzata Mihaela Ștefania Zuzana Ioana",
        "M": "Dmytro Łukasz Bogdan Ștefan Mykola Ondřej Răzvan Andriy",
    },
}
LAST_NAMES = {
    "fr": "Dupont|Lefèbvre|de la Croix|D'Hoop|Noël|Béguin|"
    "Van Overstraeten-Colin|Hérin|Lacroix|Gérard|Piérard|Maïs|"
    "Lambert|Martin|Simon|Leclercq|Denis|Renard|Collignon|Mathieu|Thiry|Wauters|Jacquemin|Delvaux|Body|Marchal|Dubois|"
    "Servais|Henrotte|Poncelet|Stassart|Legrand",
    "nl": "D'Hondt|Peeters|Van den Broeck|Vandenberghe|Janssens|'t Jaeckx|De Smet|Van de Velde|Claeys|Coöman"
    "|D’Hooghe|Vermeulen-Maes|Willems|Mertens|Goossens|Wouters|De Clercq|Aerts|Hermans|Martens|Van Damme|Verhoeven|"
    "Desmet|Lambrechts|Michiels|Thys|Verstraete|Cools|Pauwels|Van Acker|Bogaert|Segers|Declercq|Smets",
    "ar": "El Amrani|Benali|Ouali|Bouzïane|Aït Ouarab|Ben Saïd|El-Khattabi|Haddouchi|Zerrouki|Lahlou|"
    "Bakkali|Chaoui|Tahiri|Messaoudi|El Idrissi|Amghar|Boukhriss|Rahmouni|Ziani|Azzouzi",
    "tr": "Yılmaz|Çelik|Öztürk|Şahin|Gündoğdu|Aydın|Kılıç|Erdoğan|Koç|Arslan|Polat|Özdemir|Yıldız|Güneş",
    "en": "Okonkwo|Mensah|O'Brien|Adeyemi-Clarke|Boateng|Nwosu|McCarthy|Mbeki|Eze|Asante|Kamara|Osei|Diallo|Murphy",
    "uk": "Kovalenko|Nowak|Wójcik|Popescu|Dvořák|Țurcanu|Shevchenko|Ionescu-Pop",
}
LANGUAGES = {
    "BRU": {"fr": 0.44, "nl": 0.08, "ar": 0.22, "tr": 0.06, "en": 0.10, "uk": 0.10},
    "VLG": {"fr": 0.03, "nl": 0.58, "ar": 0.14, "tr": 0.09, "en": 0.07, "uk": 0.09},
    "WAL": {"fr": 0.66, "nl": 0.02, "ar": 0.14, "tr": 0.06, "en": 0.04, "uk": 0.08},
}
PREFERRED = {
    "BRU": {"fr": 0.66, "nl": 0.12, "en": 0.22},
    "VLG": {"fr": 0.02, "nl": 0.82, "en": 0.16},
    "WAL": {"fr": 0.94, "nl": 0.01, "en": 0.05},
}
STREETS = {
    "BRU": "Rue Haute/Hoogstraat|Chaussée d'Ixelles|Avenue Louise|Rue de l'Étuve|Nieuwstraat",
    "VLG": "Kerkstraat|Stationsstraat|Sint-Pietersnieuwstraat|Grote Markt|Eikenlaan",
    "WAL": "Rue de la Montagne|Boulevard Tirou|Rue du Pré-aux-Chênes|Place Verte|Rue Léopold",
}
MUNICIPALITIES = {
    "Brussels": "Molenbeek-Saint-Jean|Schaerbeek|Anderlecht|Ixelles|Saint-Josse-ten-Noode|Evere",
    "Ghent": "Gent|Ledeberg|Merelbeke-Melle|Eeklo|Lokeren",
    "Antwerp": "Antwerpen|Borgerhout|Deurne|Mechelen|Sint-Niklaas",
    "Charleroi": "Charleroi|Gilly|Marcinelle|Châtelet|Fontaine-l'Évêque",
    "Hasselt": "Hasselt|Genk|Beringen|Sint-Truiden|Tongeren-Borgloon",
    "Kortrijk": "Kortrijk|Roeselare|Waregem|Menen|Harelbeke",
}
