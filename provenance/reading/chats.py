"""Shapes of conversations: OpenAI messages, ShareGPT, FastChat answers. Each assistant turn is a document."""

from __future__ import annotations

from typing import Any

from provenance.reading.drafts import Draft, Row, Shape
from provenance.reading.rows import RowError
from provenance.reading.values import clean_text, content_text

__all__ = ["CHAT_KEYS", "FASTCHAT", "MESSAGES", "SHAREGPT", "answered", "assistant_turns"]

ASSISTANTS = frozenset({"assistant", "gpt", "chatgpt", "bing", "bard", "model", "bot", "ai", "llm"})
CHAT_KEYS = ("messages", "conversations", "conversation")


def assistant_turns(messages: list[Any]) -> list[Draft | None]:
    """Return a draft for each assistant turn; its prompt is the last message before it of the user or a tool.

    Raises
    ------
    RowError
        When no assistant turn has text.
    """
    drafts: list[Draft | None] = []
    prompt: str | None = None
    for turn, message in enumerate(messages, 1):
        role, text = _role(message), _text(message)
        if role not in ASSISTANTS:
            prompt = text if role != "system" and text else prompt
        elif text is None:
            drafts.append(None)
        else:
            facts = {"prompt": clean_text(prompt)} if prompt else {}
            drafts.append(Draft(text, facts=facts, meta={"turn": turn}))
    if not any(drafts):
        roles = ", ".join(dict.fromkeys(_role(message) or "no role" for message in messages)) or "no messages"
        raise RowError(f"no assistant turn with text (roles: {roles[:200]})")
    return drafts


def answered(row: Row) -> bool:
    """Tell whether the conversation in a row ends with an answer, so that a text field beside it is not the answer."""
    messages = _messages(row) or [None]
    return _role(messages[-1]) in ASSISTANTS


def _messages(row: Row) -> list[Any] | None:
    for key in CHAT_KEYS:
        value = row.get(key)
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return value
    return None


def _role(message: Any) -> str:
    role = message.get("role", message.get("from")) if isinstance(message, dict) else None
    return role.strip().lower() if isinstance(role, str) else ""


def _text(message: Any) -> str | None:
    if not isinstance(message, dict):
        return None
    for key in ("content", "value", "parts", "text"):
        if key in message:
            return content_text(message[key])
    return None


def _is_messages(row: Row) -> bool:
    messages = _messages(row)
    return messages is not None and (not messages or "from" not in messages[0])


def _is_sharegpt(row: Row) -> bool:
    messages = _messages(row) or [{}]
    return "from" in messages[0]


def _turns_of(row: Row) -> list[Draft | None]:
    return assistant_turns(_messages(row) or [])


def _is_fastchat(row: Row) -> bool:
    choices = row.get("choices")
    return isinstance(choices, list) and bool(choices) and isinstance(choices[0], dict) and "turns" in choices[0]


def _fastchat(row: Row) -> list[Draft | None]:
    drafts: list[Draft | None] = []
    for choice in row["choices"]:
        turns = choice.get("turns") if isinstance(choice, dict) else None
        for turn, value in enumerate(turns if isinstance(turns, list) else (), 1):
            text = content_text(value)
            meta = {"choice": choice.get("index", 0), "turn": turn}
            drafts.append(None if text is None else Draft(text, meta=meta))
    if not any(drafts):
        raise RowError("choices hold no turn with text")
    return drafts


MESSAGES = Shape("chat messages (assistant turns)", _is_messages, _turns_of, frozenset(CHAT_KEYS))
SHAREGPT = Shape("ShareGPT conversations (assistant turns)", _is_sharegpt, _turns_of, frozenset(CHAT_KEYS))
FASTCHAT = Shape("FastChat answers (choices, turns)", _is_fastchat, _fastchat, frozenset({"choices"}))
