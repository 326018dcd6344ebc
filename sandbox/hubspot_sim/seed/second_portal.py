"""The second invented portal, to show that nothing crosses from one customer to another.

Its record ids are those of the first portal, with other people, and two of its numbers are in the first portal too.
"""

from sandbox.hubspot_sim.seed.people import Crm

SECOND = Crm(
    contacts=(
        (
            "Ariane",
            "Vasseur",
            "06 12 34 56 78",
            "",
            "Gérante",
            0,
        ),  # 501: the number of the first portal's 501
        (
            "Bastien",
            "Morel",
            "06 12 34 56 94",
            "",
            "Menuisier",
            0,
        ),  # 502: answers "Oui", as the first portal's 506
        ("Capucine", "Noël", "06 98 76 54 10", "", "Cliente", None),  # 503
        ("Denis", "Olivier", "06 98 76 54 95", "", "Client", None),  # 504: answers STOP
    ),
    companies=(("Maison Verne", "maison-verne.example", "06 98 76 54 40", "44000", "Nantes", "RETAIL", "6"),),
    deals=(("Bibliothèque sur mesure", "5200", "qualifiedtobuy", (0, 2), 0),),
    owners=(
        ("52740801", 87, "Élodie", "Verne", "elodie.verne@maison-verne.example"),
        ("52740802", 88, "Tom", "Verne", "tom.verne@maison-verne.example"),
    ),
)
