"""What only machines say, what people say too, and what nobody may be hung up on for."""

import pytest

from telephony.greetings import Greeting, greetings

MACHINES = [
    "Hi, you've reached Maya. I can't come to the phone right now, so please leave a message after the tone.",
    "Please leave your name and number, and I'll call you back.",
    "Your call has been forwarded to an automated voice messaging system.",
    "The person you are trying to reach is not available. At the tone, please record your message.",
    "The number you have dialed is not in service.",
    "The customer you are calling cannot be reached at the moment.",
    "You have reached the voicemail of Dave Miller.",
    "The mailbox is full and cannot accept any messages at this time.",
    "Thank you for calling Acme. For sales, press one. For support, press two.",
    "您好，我现在不方便接听电话，请在滴声后留言。",
    "您拨打的用户暂时无法接通，请稍后再拨。",
    "您拨打的电话已关机。",
    "您呼叫的用户正忙，请在提示音后留言，留言请按1号键。",
    "您好，这里是陈静的语音信箱，请留下您的姓名和电话。",
    "我是机主的智能助理，机主现在不方便，请留言，我会转告。",
]
SCREENERS = [
    "Hi, the person you're calling is using a screening service from Google, and will get a copy of this conversation. "
    "Go ahead and say your name, and why you're calling.",
    "Hi. If you record your name and reason for calling, I'll see if this person is available.",
    "The person you are calling does not accept calls from unknown numbers. Please state your name after the tone.",
    "Please state your name after which your call will be connected.",
    "Hello, this is the virtual assistant of Dave. May I ask what you are calling about?",
    "您好，我是机主的智能助理，请问您有什么事情？",
    "您好，我是通信助理小和，机主不方便接听，请问您找他有什么事，我可以帮您转达。",
    "你好，我是小爱同学，正在帮主人接听电话，请问您有什么事？",
    "您好，这里是AI语音助手，正在为机主代接电话，请说明您的来意。",
]
PEOPLE = [
    "Hello?",
    "Good morning, Acme Corporation, Ann speaking, how can I help you?",
    "She's not available right now, can I take a message?",
    "Would you like to leave a message?",
    "Do you want to leave your number?",
    "Can I leave you a message for her?",
    "Sorry, I'm driving, just leave me a message.",
    "May I ask who's calling, and what it's about?",
    "I'll see if she's available, one moment please.",
    "Do I press one for yes?",
    "I was going to let it go to voicemail.",
    "I can't take a call right now, can you call me back later?",
    "Who is this? Is this a machine?",
    "喂，你好？",
    "您好，这里是云杉科技，我是前台小王，请问您找哪位？",
    "她现在不在，您要留言吗？",
    "我现在在开会，不方便接电话，您晚点再打吧。",
    "你是谁啊？你打的电话是我妈的。",
]


@pytest.mark.parametrize("text", MACHINES)
def test_a_machine_gives_itself_away(text):
    assert Greeting.MACHINE in greetings(text)


@pytest.mark.parametrize("text", SCREENERS)
def test_a_screener_is_no_answering_machine(text):
    assert Greeting.SCREENING in greetings(text)
    assert Greeting.MACHINE not in greetings(text)


@pytest.mark.parametrize("text", PEOPLE)
def test_people_are_no_machines(text):
    assert not greetings(text) & {Greeting.MACHINE, Greeting.SCREENING}


@pytest.mark.parametrize(
    "text", ["Please stay on the line.", "One moment, I'll let them know.", "请稍等，正在为您转接。"]
)
def test_a_screener_asks_for_patience(text):
    assert Greeting.HOLD in greetings(text)


@pytest.mark.parametrize("text", ["", "…", "a" * 100_000, "press " * 20_000, "for " * 20_000, "留言" * 20_000])
def test_any_text_is_taken_in_no_time(text):
    greetings(text)
