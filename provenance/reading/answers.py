"""Shapes of API answers: OpenAI batch results, chat completions, Responses output, Anthropic messages and batches."""

from __future__ import annotations

from typing import Any

from provenance.reading.drafts import Draft, Row, Shape, drafts_of
from provenance.reading.rows import RowError
from provenance.reading.values import as_name, content_text

__all__ = ["ANTHROPIC_BATCH", "BATCH", "COMPLETIONS", "RESPONSES"]


def _has_choices(row: Row) -> bool:
    choices = row.get("choices")
    if not (isinstance(choices, list) and choices and isinstance(choices[0], dict)):
        return False
    return "message" in choices[0] or "text" in choices[0]


def _from_choices(row: Row) -> list[Draft | None]:
    texts = [_choice_text(choice) for choice in row["choices"]]
    if all(text is None for text in texts):
        raise RowError("no choice holds a text (a tool call or a refusal?)")
    return drafts_of(texts, **_model_of(row))


def _choice_text(choice: Any) -> str | None:
    if not isinstance(choice, dict):
        return None
    message = choice.get("message")
    return content_text(message.get("content") if isinstance(message, dict) else choice.get("text"))


def _is_responses(row: Row) -> bool:
    output = row.get("output")
    if not (isinstance(output, list) and output and isinstance(output[0], dict)):
        return False
    return row.get("object") == "response" or any(isinstance(item, dict) and "content" in item for item in output)


def _from_output(row: Row) -> list[Draft | None]:
    texts = [
        content_text(item.get("content"))
        for item in row["output"]
        if isinstance(item, dict) and item.get("type", "message") == "message"
    ]
    found = [text for text in texts if text is not None]
    if not found:
        raise RowError("the response's output holds no text (a tool call or a refusal?)")
    return drafts_of(["\n".join(found)], **_model_of(row))


def _is_batch(row: Row) -> bool:
    if "custom_id" not in row and "error" not in row:
        return False
    response = row.get("response")
    return "response" in row and (isinstance(response, dict) or (response is None and bool(row.get("error"))))


def _from_batch(row: Row) -> list[Draft | None]:
    response = row["response"] or {}
    body = response.get("body")
    error = row.get("error") or (body.get("error") if isinstance(body, dict) else None)
    status = response.get("status_code", 200)
    if error or (isinstance(status, int) and status >= 400):
        raise RowError(f"the request failed: {_message_of(error) or f'status {status}'}")
    if isinstance(body, dict):
        if _has_choices(body):
            return _from_choices(body)
        if _is_responses(body):
            return _from_output(body)
    raise RowError("response.body holds neither choices nor output with text")


def _is_anthropic_batch(row: Row) -> bool:
    result = row.get("result")
    return "custom_id" in row and isinstance(result, dict) and "type" in result


def _from_anthropic_batch(row: Row) -> list[Draft | None]:
    result = row["result"]
    message = result.get("message")
    if not isinstance(message, dict):
        raise RowError(f"the request failed: {_message_of(result.get('error')) or result.get('type')}")
    text = content_text(message.get("content"))
    if text is None:
        raise RowError("the message holds no text (a tool call?)")
    return drafts_of([text], **_model_of(message))


def _model_of(answer: Row) -> dict[str, str | None]:
    model = as_name(answer.get("model"))
    return {"source": model} if model else {}


def _message_of(error: Any) -> str | None:
    """Return the message of an error that is a string or an object, nested or not."""
    while isinstance(error, dict):
        error = error.get("message") or error.get("error") or error.get("code") or error.get("type")
    return error[:500] if isinstance(error, str) else None


BATCH = Shape("OpenAI batch results", _is_batch, _from_batch, frozenset({"response", "error"}), ("custom_id",))
COMPLETIONS = Shape("chat completions", _has_choices, _from_choices, frozenset({"choices"}))
RESPONSES = Shape("OpenAI Responses output", _is_responses, _from_output, frozenset({"output"}))
ANTHROPIC_BATCH = Shape(
    "Anthropic batch results", _is_anthropic_batch, _from_anthropic_batch, frozenset({"result"}), ("custom_id",)
)
