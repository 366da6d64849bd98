"""The EU AI Act, as questions."""

from django.utils.translation import gettext_lazy as _l

from projects.kinds.question import Question, Template, no, yes

_AI = yes("ai_system")
_HIGH = yes("ai_system", "high_risk")
_PROVIDER = yes("ai_system", "high_risk", "provider")
_DEPLOYER = yes("ai_system", "high_risk", "deployer")
EU_AI_ACT = Template(
    "eu_ai_act",
    "EU AI Act",
    "Regulation (EU) 2024/1689",
    (
        Question(
            "ai_system",
            _l("Is it an AI system in the sense of the Act, used in the Union?"),
            "Art. 2, 3(1)",
            is_fact=True,
        ),
        Question(
            "not_prohibited",
            _l("Was it checked that it is none of the prohibited practices?"),
            "Art. 5",
            when=_AI,
        ),
        Question(
            "literacy",
            _l("Do the people who run and use it know enough about AI?"),
            "Art. 4",
            when=_AI,
        ),
        Question(
            "high_risk",
            _l("Is it high-risk: a safety component under Annex I, or a use in "
               "Annex III?"),
            "Art. 6",
            is_fact=True,
            when=_AI,
        ),
        Question(
            "not_high_risk_recorded",
            _l("If Annex III names the use, is it documented why it is not high-risk?"),
            "Art. 6(3)–(4)",
            when=(*_AI, *no("high_risk")),
        ),
        Question(
            "provider",
            _l("Are we the provider: do we put it to use under our own name?"),
            "Art. 3(3), 25",
            is_fact=True,
            when=_HIGH,
        ),
        Question(
            "deployer",
            _l("Are we the deployer: do we use it under our authority?"),
            "Art. 3(4)",
            is_fact=True,
            when=_HIGH,
        ),
        Question(
            "risk_management",
            _l("Is there a risk management system over the whole life cycle?"),
            "Art. 9",
            when=_PROVIDER,
        ),
        Question(
            "data_governance",
            _l("Are the data sets relevant, representative and examined for biases?"),
            "Art. 10",
            when=_PROVIDER,
        ),
        Question(
            "technical_documentation",
            _l("Is the technical documentation drawn up?"),
            "Art. 11, Annex IV",
            when=_PROVIDER,
        ),
        Question(
            "logging",
            _l("Does the system log events automatically?"),
            "Art. 12",
            when=_PROVIDER,
        ),
        Question(
            "instructions",
            _l("Do the instructions let deployers understand and use its output?"),
            "Art. 13",
            when=_PROVIDER,
        ),
        Question(
            "oversight",
            _l("Can people oversee it, and stop it?"),
            "Art. 14",
            when=_PROVIDER,
        ),
        Question(
            "robust",
            _l("Is it accurate, robust and secure enough for its purpose, and is that "
               "declared?"),
            "Art. 15",
            when=_PROVIDER,
        ),
        Question(
            "quality_management",
            _l("Is there a quality management system?"),
            "Art. 17",
            when=_PROVIDER,
        ),
        Question(
            "conformity",
            _l("Is conformity assessed and declared, with the CE marking?"),
            "Art. 43, 47, 48",
            when=_PROVIDER,
        ),
        Question(
            "registered",
            _l("Is it registered in the EU database where that is required?"),
            "Art. 49",
            when=_PROVIDER,
        ),
        Question(
            "post_market",
            _l("Is it monitored after launch, and are serious incidents reported?"),
            "Art. 72, 73",
            when=_PROVIDER,
        ),
        Question(
            "deployer_duties",
            _l("Is it used as instructed, overseen by competent people, and are logs "
               "kept?"),
            "Art. 26",
            when=_DEPLOYER,
        ),
        Question(
            "fundamental_rights",
            _l("Is the fundamental rights impact assessment made where required?"),
            "Art. 27",
            when=_DEPLOYER,
        ),
        Question(
            "meets_people",
            _l("Does it talk to people directly, or make up text, images, sound or "
               "video?"),
            "Art. 50",
            is_fact=True,
            when=_AI,
        ),
        Question(
            "disclosed",
            _l("Are people told that they deal with AI, and is such content marked?"),
            "Art. 50",
            when=yes("ai_system", "meets_people"),
        ),
    ),
)  # fmt: skip
