"""The General Data Protection Regulation, as questions."""

from django.utils.translation import gettext_lazy as _l

from projects.kinds.question import Question, Template, yes

_PERSONAL = yes("personal_data")
GDPR = Template(
    "gdpr",
    "GDPR",
    "Regulation (EU) 2016/679",
    (
        Question(
            "personal_data",
            _l("Is personal data used, for training or for predictions?"),
            "Art. 4(1)",
            is_fact=True,
        ),
        Question(
            "lawful_basis",
            _l("Is the lawful basis of each purpose known and written down?"),
            "Art. 5(2), 6(1)",
            when=_PERSONAL,
        ),
        Question(
            "purpose",
            _l("Is the purpose compatible with the one the data was collected for?"),
            "Art. 5(1)(b), 6(4)",
            when=_PERSONAL,
        ),
        Question(
            "minimisation",
            _l("Is the data limited to what the purpose needs?"),
            "Art. 5(1)(c)",
            when=_PERSONAL,
        ),
        Question(
            "storage_limit",
            _l("Is it settled when the data is erased or made anonymous?"),
            "Art. 5(1)(e)",
            when=_PERSONAL,
        ),
        Question(
            "special",
            _l(
                "Does the data reveal special categories, such as health, beliefs or "
                "ethnic origin?"
            ),
            "Art. 9(1)",
            is_fact=True,
            when=_PERSONAL,
        ),
        Question(
            "special_basis",
            _l("Does one of the exceptions for special categories apply?"),
            "Art. 9(2)",
            when=yes("personal_data", "special"),
        ),
        Question(
            "informed",
            _l("Are the people concerned informed, in plain language?"),
            "Art. 12–14",
            when=_PERSONAL,
        ),
        Question(
            "rights",
            _l("Can they get access, correction and erasure, and object?"),
            "Art. 15–18, 21",
            when=_PERSONAL,
        ),
        Question(
            "automated",
            _l(
                "Are decisions with legal or similarly significant effects taken "
                "solely by the model?"
            ),
            "Art. 22(1)",
            is_fact=True,
            when=_PERSONAL,
        ),
        Question(
            "automated_allowed",
            _l("Is the automated decision necessary for a contract, authorised by law "
               "or explicitly consented to?"),
            "Art. 22(2)",
            when=yes("personal_data", "automated"),
        ),
        Question(
            "intervention",
            _l("Can people have a human step in, state their view and contest it?"),
            "Art. 22(3)",
            when=yes("personal_data", "automated"),
        ),
        Question(
            "logic",
            _l("Are they told about the logic involved and its consequences?"),
            "Art. 13(2)(f), 14(2)(g), 15(1)(h)",
            when=yes("personal_data", "automated"),
        ),
        Question(
            "dpia",
            _l(
                "Has an impact assessment been made, or is it recorded why none is "
                "required?"
            ),
            "Art. 35",
            when=_PERSONAL,
        ),
        Question(
            "security",
            _l("Is the data protected in a way that fits the risk?"),
            "Art. 32",
            when=_PERSONAL,
        ),
        Question(
            "records",
            _l("Is the processing in the record of processing activities?"),
            "Art. 30",
            when=_PERSONAL,
        ),
        Question(
            "processor",
            _l("Does somebody else process the data on our behalf?"),
            "Art. 4(8)",
            is_fact=True,
            when=_PERSONAL,
        ),
        Question(
            "processor_contract",
            _l("Is there a contract with them that has the required terms?"),
            "Art. 28(3)",
            when=yes("personal_data", "processor"),
        ),
        Question(
            "transfer",
            _l("Does the data leave the European Economic Area?"),
            "Art. 44",
            is_fact=True,
            when=_PERSONAL,
        ),
        Question(
            "transfer_ground",
            _l("Is there an adequacy decision, a safeguard or a derogation for that?"),
            "Art. 45–49",
            when=yes("personal_data", "transfer"),
        ),
    ),
)  # fmt: skip
