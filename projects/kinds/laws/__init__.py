"""Laws and guidance as questions, a module each."""

from projects.kinds.laws.ccpa import CCPA
from projects.kinds.laws.eu_ai_act import EU_AI_ACT
from projects.kinds.laws.gdpr import GDPR
from projects.kinds.laws.hipaa import HIPAA
from projects.kinds.laws.sr_11_7 import SR_11_7

__all__ = ["CCPA", "EU_AI_ACT", "GDPR", "HIPAA", "SR_11_7"]
