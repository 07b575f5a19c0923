"""The page of lessons works in a browser: sliders move curves, guesses reveal, nothing is fetched, nothing goes wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provenance.teach.catalogue import claims, lessons, shipped_result
from provenance.teach.page import lesson_page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
HOSTILE = "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 1'>"


@pytest.fixture(scope="module")
def html() -> str:
    return lesson_page()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS, timeout=120_000)
        yield browser
        browser.close()


class Visit:
    """The page as it is open in a browser, with all that it asked for and complained of."""

    def __init__(self, browser: Any, folder: Path, html: str, **screen: Any) -> None:
        (folder / "page.html").write_text(html, encoding="utf-8")
        self.page = browser.new_page(**screen)
        self.page.set_default_timeout(60_000)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"file://{folder / 'page.html'}")

    def set(self, slider: str, value: int) -> None:
        script = (
            "([id, value]) => { const s = document.getElementById(id); s.value = value; s.dispatchEvent(new Event('input')); }"
        )
        self.page.evaluate(script, [slider, value])

    def text(self, selector: str) -> str:
        return str(self.page.text_content(selector))

    def reveal(self) -> None:
        self.page.evaluate("document.querySelectorAll('.skip').forEach(button => button.click())")


@pytest.fixture
def visit(browser: Any, html: str, tmp_path: Path) -> Iterator[Visit]:
    visit = Visit(browser, tmp_path, html, viewport={"width": 1280, "height": 900})
    yield visit
    visit.page.close()


def test_the_page_is_small_and_names_nothing_to_fetch(html: str) -> None:
    assert len(html.encode()) < 2_000_000
    assert not re.search(r"""(?:src|href)=["'](?!#)""", html)
    assert "url(" not in html and "@import" not in html
    assert "default-src 'none'" in html


def test_every_lesson_and_claim_is_on_the_page_with_its_command(html: str) -> None:
    for lesson in lessons():
        assert f'id="{lesson.name}"' in html
        assert shipped_result(lesson.name)["command"] in html
    assert html.count('class="claim"') == len(claims())


def test_texts_of_results_cannot_leave_their_place(tmp_path: Path) -> None:
    results = {lesson.name: shipped_result(lesson.name) for lesson in lessons()}
    first = results["style-not-ability"]
    first["samples"] = {HOSTILE: HOSTILE}
    first["figures"][0]["title"] = HOSTILE
    page = lesson_page(results)
    assert page.count("<script") == 2 and "<img" not in page


def test_results_stay_hidden_until_the_reader_has_guessed(visit: Visit) -> None:
    section = visit.page.locator("#hidden-chain-of-thought")
    assert not section.locator(".reveal").is_visible()
    assert section.locator("button[type=submit]").is_disabled()
    section.locator("input").nth(0).check()
    section.locator("button[type=submit]").click()
    assert section.locator(".reveal").is_visible()
    assert "0 of 1" in visit.text("#score")


def test_sliders_move_the_curve_and_the_readout(visit: Visit) -> None:
    visit.reveal()
    before = visit.page.locator("#curves").inner_html(), visit.text("#distance")
    visit.set("access", 4)
    after = visit.page.locator("#curves").inner_html(), visit.text("#distance")
    assert before[0] != after[0] and before[1] != after[1]
    assert "full logits" in visit.text("#distance-said")
    visit.set("bought", 0)
    assert visit.text("#distance") != after[1]
    visit.set("seeds", 1)
    assert "no interval" in visit.text("#distance-said")


def test_numbers_of_the_readout_are_those_of_the_shipped_result(visit: Visit) -> None:
    visit.reveal()
    visit.set("access", 4)
    (found,) = (item for item in shipped_result("logits-vs-text")["findings"] if item["name"] == "kl_full")
    assert float(visit.text("#distance").split()[0]) == pytest.approx(found["value"], rel=0.01)


def test_temperature_chooses_the_text_and_greedy_draws_the_likeliest(visit: Visit) -> None:
    visit.reveal()
    visit.set("heat", 0)
    assert "greedy text" in visit.text("#distance-said")
    likeliest = shipped_result("logits-vs-text")["extra"]["positions"][0]["words"][0]
    assert visit.text("#words .shown span") == likeliest


def test_what_the_interface_shows_is_what_is_lit(visit: Visit) -> None:
    visit.reveal()
    lit = []
    for access in range(3):
        visit.set("access", access)
        lit.append(visit.page.locator("#words .shown").count())
    assert lit == [1, 5, 20]


def test_it_can_be_used_with_the_keyboard_alone(visit: Visit) -> None:
    visit.page.locator("#logits-vs-text input").nth(0).focus()
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Enter")
    visit.page.locator("#access").focus()
    visit.page.keyboard.press("ArrowRight")
    assert "5 likeliest" in visit.text("#access-said")


@pytest.mark.parametrize("keys", [("Enter",), ("Tab", "Enter", "Enter"), (" ", "End", "Home", "PageDown")])
def test_no_lesson_is_revealed_by_keys_that_choose_no_answer(visit: Visit, keys: tuple[str, ...]) -> None:
    visit.page.locator("nav a").last.focus()
    for key in keys:
        visit.page.keyboard.press(key)
    assert visit.page.locator("section.lesson[data-answer].open").count() == 0


def test_enter_on_an_unanswered_question_reveals_nothing_and_on_an_answered_one_moves_the_focus_there(visit: Visit) -> None:
    section = visit.page.locator("#two-tokenizers")
    section.locator("input").nth(0).focus()
    visit.page.keyboard.press("Enter")
    assert not section.locator(".reveal").is_visible()
    visit.page.keyboard.press(" ")
    assert not section.locator(".reveal").is_visible()
    visit.page.keyboard.press("Enter")
    assert section.locator(".reveal").is_visible()
    assert visit.page.evaluate("document.activeElement.className") == "reveal"
    assert visit.page.locator("section.lesson[data-answer].open").count() == 1


def test_the_strip_of_lessons_shows_the_one_that_is_read(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 360, "height": 800})
    visit.page.evaluate("document.getElementById('when-text-is-enough').scrollIntoView({behavior: 'instant'})")
    link = visit.page.locator("nav a.here", has_text="8.")
    link.wait_for()
    box = link.bounding_box()
    assert box is not None and 0 <= box["x"] < 360


def test_sliders_say_their_values_in_words(visit: Visit) -> None:
    visit.reveal()
    visit.set("access", 2)
    assert visit.page.get_attribute("#access", "aria-valuetext") == "the 20 likeliest"


def test_verdicts_wait_until_they_are_asked_for(visit: Visit) -> None:
    assert visit.page.locator(".verdict").first.is_hidden()
    visit.page.locator(".claim summary").first.click()
    assert visit.page.locator(".verdict").first.is_visible()


def test_every_figure_has_the_command_that_makes_it_again(html: str) -> None:
    for lesson in lessons():
        result = shipped_result(lesson.name)
        assert html.count(f"{result['command']} --out FOLDER") == len(result["figures"])
        assert all(f"FOLDER/{figure['name']}.svg" in html for figure in result["figures"])


def test_every_drawing_has_a_text_alternative(visit: Visit) -> None:
    visit.reveal()
    drawings = visit.page.locator("svg.chart")
    assert drawings.count() >= len(lessons())
    assert visit.page.locator("svg.chart:not([aria-label])").count() == 0
    words = drawings.evaluate_all("nodes => nodes.map(node => node.querySelector('desc').textContent.length)")
    assert min(words) > 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_error_no_request_and_no_sideways_scroll(browser: Any, html: str, tmp_path: Path, width: int, scheme: str) -> None:
    visit = Visit(browser, tmp_path, html, viewport={"width": width, "height": 844}, color_scheme=scheme)
    visit.reveal()
    for slider, value in (("access", 1), ("rest", 0), ("access", 3), ("bought", 1), ("seeds", 2)):
        visit.set(slider, value)
    assert visit.complaints == []
    assert len(visit.asked) == 1 and visit.asked[0].startswith("file://")
    assert visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert visit.page.evaluate("document.querySelectorAll('[d*=NaN], [x*=NaN], [cx*=NaN]').length") == 0
    visit.page.close()
