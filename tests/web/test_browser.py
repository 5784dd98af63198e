import os
import re
import shutil
from dataclasses import replace

import pytest
from playwright.sync_api import expect, sync_playwright
from serving import serving

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}

LEGIBLE = 4.5
"""Contrast of small text by WCAG 2.1, AA."""


@pytest.fixture(scope="module")
def chromium():
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have Chromium: apt-get install chromium")
        pytest.skip("no Chromium on PATH: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def address(app):
    with serving(app) as address:
        yield address


@pytest.fixture
def visit(chromium, address):
    """Open a page of the site; a broken rule of the content policy fails the test."""
    contexts, complaints = [], []

    def note(message):
        if "status of 400" not in message.text:
            complaints.append(message.text)

    def open_page(path="/", **options):
        contexts.append(chromium.new_context(**({"viewport": DESKTOP} | options)))
        page = contexts[-1].new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def ask(page, text):
    page.get_by_label("Запрос").fill(text)
    page.get_by_role("button", name="Найти").click()


def test_a_reader_searches_from_the_form_and_sees_marks(visit):
    page = visit()
    ask(page, "цифровизации")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"Нашлось 25\sстатей"))
    mark = page.locator(".hit mark").first
    expect(mark).to_be_visible()
    background, around = (
        mark.evaluate("e => getComputedStyle(e).backgroundColor"),
        mark.evaluate("e => getComputedStyle(document.body).backgroundColor"),
    )
    assert background != around
    expect(page.get_by_label("Запрос")).to_have_value("цифровизации")


def test_the_enter_key_searches_and_tab_goes_to_the_first_hit(visit):
    page = visit()
    page.get_by_label("Запрос").press_sequentially("библиотека")
    page.keyboard.press("Enter")
    expect(page.locator(".hit").first).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.hit h2') !== null"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("article h1")).to_be_visible()


def test_the_second_page_has_other_hits(visit):
    page = visit("/?q=цифровизация")
    first = page.locator(".hit h2").all_text_contents()
    page.get_by_role("link", name="Страница 2").click()
    expect(page.locator("[aria-current=page]")).to_have_text("2")
    second = page.locator(".hit h2").all_text_contents()
    assert len(second) == 10
    assert not set(first) & set(second)


def test_a_facet_narrows_and_its_chip_widens_again(visit):
    page = visit("/?q=цифровизация")
    page.locator(".facets").get_by_role("link", name="Голос долины").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"Нашлось 12\sстатей"))
    page.locator(".facets").get_by_role("link", name="март 2021").click()
    expect(page.locator(".chips li")).to_have_count(2)
    page.get_by_role("link", name="Убрать. Источник: Голос долины").click()
    expect(page.locator(".chips li")).to_have_count(1)
    page.locator(".chips a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"Нашлось 25\sстатей"))


def test_filters_stay_while_the_words_change(visit):
    page = visit("/?q=цифровизация&source=Голос долины")
    page.get_by_label("Порядок").select_option(label="сначала старые")
    ask(page, "библиотеки")
    expect(page.locator(".chips")).to_contain_text("Голос долины")
    expect(page.get_by_label("Порядок")).to_have_value("date_asc")


def test_dates_narrow_from_the_form(visit):
    page = visit("/?q=цифровизация")
    page.get_by_label("с", exact=True).fill("2021-02-01")
    page.get_by_label("по", exact=True).fill("2021-02-28")
    page.get_by_role("button", name="Найти").click()
    expect(page.locator(".chips")).to_contain_text("февраль 2021")


def test_an_article_opens_with_its_words_marked_and_leads_back(visit):
    page = visit("/?q=цифровизация")
    page.locator(".hit h2 a").first.click()
    expect(page.locator("article mark").first).to_be_visible()
    page.get_by_role("link", name="← К результатам").click()
    expect(page.get_by_label("Запрос")).to_have_value("цифровизация")


def test_hostile_titles_run_nothing(visit):
    page = visit("/?q=скрипт")
    page.on("dialog", lambda _dialog: pytest.fail("a script ran"))
    expect(page.locator(".hit h2")).to_have_text("<script>alert(1)</script>")
    page.locator(".hit h2 a").click()
    expect(page.locator("article h1")).to_have_text("<script>alert(1)</script>")


def test_what_is_being_typed_is_completed(visit):
    page = visit()
    page.get_by_label("Запрос").press_sequentially("цифров")
    options = page.locator("#suggestions option")
    expect(options).to_have_count(2)
    expect(options.last).to_have_attribute("value", "цифровизация здравоохранения")
    expect(page.get_by_label("Запрос")).to_have_value("цифров")


def test_everything_works_without_javascript(visit):
    page = visit(java_script_enabled=False)
    ask(page, "цифровизация")
    page.locator(".facets").get_by_role("link", name="Культура").click()
    page.get_by_role("link", name="Дальше").click()
    expect(page.locator("[aria-current=page]")).to_have_text("2")
    page.locator(".hit h2 a").first.click()
    expect(page.locator("article mark").first).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/?q=цифровизация", "/?q=нет", "/?from=x", "/articles/long"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_scrolls_only_down(visit, service, path, scheme):
    endless = "Сверхдлинноесловобезпробелов" * 12
    service.articles.insert(0, replace(service.articles[0], id="long", title=endless, text=endless))
    service.articles.append(replace(service.articles[0], source=endless, topics=(endless,)))
    page = visit(path, viewport=PHONE, color_scheme=scheme, device_scale_factor=2)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["/?q=цифровизация&source=Голос долины", "/articles/news-1?q=день"]
)
def test_all_text_is_legible_in_both_schemes(visit, path, scheme):
    page = visit(path, color_scheme=scheme)
    faint = [found for found in page.evaluate(CONTRASTS) if found[0] < LEGIBLE]
    assert faint == []


def test_the_dark_scheme_is_dark(visit):
    page = visit(color_scheme="dark")
    channels = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g)")
    assert max(map(int, channels)) < 60


CONTRASTS = """() => {
  const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const parts = color => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = parts(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text) continue;
    const [a, b] = [light(parts(getComputedStyle(element).color)), light(behind(element))];
    found.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), text.slice(0, 40)]);
  }
  return found;
}"""
