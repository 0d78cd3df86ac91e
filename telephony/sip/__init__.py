"""SIP as a carrier: calls through a trunk or a PBX. Their audio comes with the leg itself."""

from telephony.sip.gateway import SipGateway, SipLeg
from telephony.sip.trunk import SipTrunk

__all__ = ["SipGateway", "SipLeg", "SipTrunk"]
