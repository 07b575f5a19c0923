"""Texts and names out of the values that rows hold."""

from __future__ import annotations

from typing import Any

__all__ = ["as_name", "clean_text", "content_text", "prompt_text", "texts_of"]

_TEXT_PARTS = frozenset({"text", "output_text", "input_text", None})


def clean_text(text: str) -> str:
    """Put a space in place of each NUL, which many tools take for the end of a text."""
    return text.replace("\0", " ") if "\0" in text else text


def as_name(value: Any) -> str | None:
    """Return a name or number as text; None for what is empty, not a number, or no name at all."""
    if isinstance(value, str):
        return clean_text(value) or None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and value == value:
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, dict) and isinstance(value.get("$oid"), str):  # a MongoDB export
        return clean_text(value["$oid"])
    return None


def content_text(content: Any) -> str | None:
    """Return the text of a message's content.

    Parameters
    ----------
    content : str, list or dict
        A string; a list of parts, of which those of the types text, output_text and input_text are joined by line
        ends; or one part.

    Returns
    -------
    str or None
        None where there is no text (a tool call, an image).
    """
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        texts = [text for text in map(content_text, content) if text is not None]
        return "\n".join(texts) if texts else None
    if isinstance(content, dict) and content.get("type") in _TEXT_PARTS:
        text = content.get("text", content.get("content", content.get("answer")))  # the last: Arena-Hard v2.0
        if isinstance(text, dict):
            text = text.get("value")
        return text if isinstance(text, str) else None
    return None


def prompt_text(prompt: Any) -> str | None:
    """Return a prompt that is a string, or the last user message of one that is a list of messages."""
    if isinstance(prompt, str):
        return clean_text(prompt) or None
    if isinstance(prompt, list):
        for message in reversed(prompt):
            if isinstance(message, dict) and message.get("role", message.get("from")) in ("user", "human"):
                text = content_text(message.get("content", message.get("value")))
                return clean_text(text) if text else None
    return None


def texts_of(value: Any) -> list[str | None]:
    """Return the texts of a list of samples, None for a sample without one.

    Samples are strings, or objects with text, content, a message or generated_text; lists of lists are opened.
    """
    if isinstance(value, list):
        return [text for item in value for text in texts_of(item)]
    text = content_text(value)
    if text is None and isinstance(value, dict):
        message = value.get("message")
        text = content_text(message.get("content")) if isinstance(message, dict) else content_text(message)
        generated = value.get("generated_text")
        text = generated if text is None and isinstance(generated, str) else text
    return [text]
