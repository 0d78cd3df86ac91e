"""Twilio as a carrier: calls placed over its REST API, their news by webhook, their audio over Media Streams."""

from telephony.twilio.account import TwilioAccount
from telephony.twilio.gateway import TwilioGateway

__all__ = ["TwilioAccount", "TwilioGateway"]
