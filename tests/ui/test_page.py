"""What a visitor of the demo page can do."""

import base64
import json
import os
import re
import subprocess
import urllib.request
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe

from conftest import DOCS, KEY, TOKEN

SAMPLES = Path(__file__).parents[2] / "config" / "samples"
SHAPES = [("light", 1280, 900, "light"), ("dark", 1280, 900, "dark"), ("phone", 360, 740, "light")]


def shown(page):
    """The path that the page shows, once its picture has come."""
    page.wait_for_function("() => !document.querySelector('#frame').classList.contains('waiting')")
    return page.locator("#parts").inner_text().replace("\n", "")


def after(page, act):
    """Does something and waits for the answer that it brings."""
    beside = ("/-/", "meta/", "176x116", "1000x1000")  # what is asked for besides the picture
    with page.expect_response(lambda answer: not any(part in answer.url for part in beside)) as answer:
        act()
    answer.value.finished()
    return answer.value, shown(page)


def fact(page, name):
    page.wait_for_selector(f"#facts dt:text-is('{name}')")
    return page.locator(f"#facts div:has(dt:text-is('{name}')) dd").inner_text()


def test_the_start_leads_to_the_page_and_so_does_the_old_prefix(visit):
    for path in ("/", "/-/ui", "/serverless-image-handler-ui/index.html"):
        page = visit(at=path)
        assert page.url.split("#")[0].endswith("/-/ui/")
        assert shown(page) == "/unsafe/300x200/smart/photo.jpg"
        assert fact(page, "Size") == "300 × 200"


def test_each_sample_can_be_chosen(visit):
    page = visit()
    names = page.locator("#gallery button").evaluate_all("all => all.map(one => one.dataset.name)")
    assert len(names) == 6
    for name in names[1:] + names[:1]:
        answer, path = after(page, page.locator(f"#gallery button[data-name='{name}']").click)
        assert answer.status == 200 and path.endswith(f"/{name}")


@pytest.mark.parametrize(
    ("control", "value", "expected"),
    [
        ("#width", "120", "/unsafe/120x200/smart/photo.jpg"),
        ("#height", "orig", "/unsafe/300xorig/smart/photo.jpg"),
        ("#width", "", "/unsafe/0x200/smart/photo.jpg"),
        ("#flip-x", True, "/unsafe/-300x200/smart/photo.jpg"),
        ("#flip-y", True, "/unsafe/300x-200/smart/photo.jpg"),
        ("#smart", False, "/unsafe/300x200/photo.jpg"),
        ("#halign", "left", "/unsafe/300x200/left/smart/photo.jpg"),
        ("#valign", "top", "/unsafe/300x200/top/smart/photo.jpg"),
        ("#crop-right", "500", "/unsafe/0x0:500x0/300x200/smart/photo.jpg"),
        ("#trim", True, "/unsafe/trim/300x200/smart/photo.jpg"),
        ("input[name=fit][value=fit-in]", True, "/unsafe/fit-in/300x200/smart/photo.jpg"),
        ("input[name=fit][value=adaptive-full-fit-in]", True, "/unsafe/adaptive-full-fit-in/300x200/smart/photo.jpg"),
        ("input[name=fit][value=stretch]", True, "/unsafe/300x200/smart/filters:stretch()/photo.jpg"),
        ("input[name=fit][value=pad]", True, "/unsafe/fit-in/300x200/smart/filters:fill(white)/photo.jpg"),
        ("#image", "portrait.jpg", "/unsafe/300x200/smart/portrait.jpg"),
    ],
)
def test_each_control_has_its_part_of_the_url(visit, control, value, expected):
    page = visit()
    shown(page)
    field = page.locator(control)
    if isinstance(value, bool):
        answer, path = after(page, lambda: field.set_checked(value))
    elif field.evaluate("one => one.tagName") == "SELECT":
        answer, path = after(page, lambda: field.select_option(value))
    else:
        answer, path = after(page, lambda: field.fill(value))
    assert path == expected
    assert answer.status == 200


def test_every_filter_of_the_server_can_be_added_as_its_example(visit):
    page = visit()
    shown(page)
    names = page.locator("#filter-name option").evaluate_all("all => all.map(one => one.value)")
    assert len(names) > 25
    for name in names:
        page.locator("#filter-name").select_option(name)
        answer, path = after(page, page.locator("#filter-add").click)
        assert answer.status == 200, (name, path)
        assert f"filters:{name}(" in path
        assert page.locator("#ignored").is_hidden(), name
        after(page, page.locator("#filters li button[title=Remove]").click)


def test_filters_change_places_by_keyboard_and_by_drag(visit):
    page = visit()
    for name in ("blur", "grayscale", "rotate"):
        page.locator("#filter-name").select_option(name)
        after(page, page.locator("#filter-add").click)
    names = lambda: page.locator("#filters li strong").all_inner_texts()
    assert names() == ["blur", "grayscale", "rotate"]
    page.locator("#filters li:nth-child(1) button[title='Later:']").focus()
    after(page, lambda: page.keyboard.press("Enter"))
    assert names() == ["grayscale", "blur", "rotate"]
    grip = page.locator("#filters li:nth-child(3) .grip")
    grip.scroll_into_view_if_needed()
    start, end = grip.bounding_box(), page.locator("#filters li:nth-child(1) .grip").bounding_box()
    page.mouse.move(start["x"] + 4, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(end["x"] + 4, end["y"] - 6, steps=6)
    _, path = after(page, page.mouse.up)
    assert names() == ["rotate", "grayscale", "blur"]
    assert re.search(r"filters:rotate\(.*\):grayscale\(\):blur\(", path)


def test_sliders_and_fields_say_the_same(visit):
    page = visit()
    page.locator("#filter-name").select_option("brightness")
    after(page, page.locator("#filter-add").click)
    _, path = after(page, lambda: page.locator("#filters input[type=range]").fill("-40"))
    assert "brightness(-40)" in path
    assert page.locator("#filters input:not([type=range])").input_value() == "-40"


def test_a_crop_is_drawn_and_a_focal_point_set_on_the_original(visit):
    page = visit()
    shown(page)
    page.locator("#view-original").click()
    page.wait_for_selector(".canvas svg")
    page.wait_for_function("() => document.querySelector('.canvas img').complete && document.querySelector('.canvas').clientWidth > 100")
    canvas = page.locator(".canvas")
    canvas.scroll_into_view_if_needed()
    area = canvas.bounding_box()
    at = lambda x, y: (area["x"] + area["width"] * x, area["y"] + area["height"] * y)
    page.mouse.move(*at(0.25, 0.25))
    page.mouse.down()
    page.mouse.move(*at(0.5, 0.75), steps=4)
    _, path = after(page, page.mouse.up)
    left, top, right, bottom = map(int, re.search(r"/(\d+)x(\d+):(\d+)x(\d+)/", path).groups())
    for found, expected in ((left, 400), (top, 225), (right, 800), (bottom, 675)):  # of 1600 by 900
        assert abs(found - expected) <= 12
    page.wait_for_selector(".canvas .crop")
    page.locator(".tools select").select_option("focal")
    canvas.scroll_into_view_if_needed()
    area = canvas.bounding_box()
    _, path = after(page, lambda: page.mouse.click(*at(0.75, 0.5)))
    assert "filters:focal(" in path


def drawn_on(page):
    """The original to draw on, once it can be."""
    page.locator("#view-original").click()
    page.wait_for_selector(".canvas svg")
    page.wait_for_function("() => document.querySelector('.canvas img').complete && document.querySelector('.canvas').clientWidth > 100")
    canvas = page.locator(".canvas")
    canvas.scroll_into_view_if_needed()
    return canvas


def crop_of(path):
    return tuple(map(int, re.search(r"/(\d+)x(\d+):(\d+)x(\d+)/", path).groups()))


def test_crop_and_focal_point_are_set_by_keyboard(visit):
    page = visit()
    shown(page)
    canvas = drawn_on(page)
    canvas.focus()
    _, path = after(page, lambda: page.keyboard.press("ArrowRight"))
    assert crop_of(path) == (400, 225, 1200, 675)  # the middle of 1600 by 900
    _, path = after(page, lambda: page.keyboard.press("ArrowRight"))
    assert crop_of(path) == (432, 225, 1232, 675)
    _, path = after(page, lambda: page.keyboard.press("Shift+ArrowUp"))
    assert crop_of(path) == (432, 225, 1232, 657)
    assert canvas.evaluate("one => one === document.activeElement"), "the focus stays"
    _, path = after(page, lambda: page.keyboard.press("Delete"))
    assert path == "/unsafe/300x200/smart/photo.jpg"
    page.locator(".tools select").select_option("focal")
    canvas.focus()
    _, path = after(page, lambda: page.keyboard.press("Enter"))
    assert "focal(755x405:845x495)" in path
    _, path = after(page, lambda: page.keyboard.press("ArrowLeft"))
    assert "focal(723x405:813x495)" in path


def test_a_crop_is_moved_and_taken_by_its_corner(visit):
    page = visit(at="/-/ui/#/400x225:1200x675/300x200/photo.jpg")
    shown(page)
    canvas = drawn_on(page)
    area = canvas.bounding_box()
    at = lambda x, y: (area["x"] + area["width"] * x, area["y"] + area["height"] * y)

    def drag(start, end):
        page.mouse.move(*start)
        page.mouse.down()
        page.mouse.move(*end, steps=4)
        page.mouse.up()

    near = lambda found, expected: all(abs(a - b) <= 12 for a, b in zip(found, expected))
    _, path = after(page, lambda: drag(at(0.5, 0.5), at(0.6, 0.5)))
    assert near(crop_of(path), (560, 225, 1360, 675)), path
    _, path = after(page, lambda: drag(at(0.85, 0.75), at(0.95, 0.9)))
    assert near(crop_of(path), (560, 225, 1520, 810)), path


def test_faces_are_shown_on_the_original(visit):
    page = visit(at="/-/ui/#/300x200/portrait.jpg")
    shown(page)
    drawn_on(page)
    page.wait_for_selector(".canvas .seen")
    assert "1 place of interest" in page.locator("#draw-help").inner_text()


def test_what_the_server_does_is_drawn_from_its_explanation(visit):
    page = visit(at="/-/ui/#/fit-in/200x0/filters:brightness(10):contrast(5)/photo.jpg")
    shown(page)
    cards = page.locator("#pipeline li")
    page.wait_for_function("() => document.querySelectorAll('#pipeline li').length > 5")
    words = [" ".join(card.split()) for card in cards.all_inner_texts()]
    assert words[0].startswith("original JPEG, 156.8 KB") and words[-1].startswith("answer JPEG, ")
    assert any(card.startswith("decode at 1/4") and "400 × 225" in card for card in words), words
    assert any("brightness(10), contrast(5)" in card for card in words), words
    reasons = page.locator("#reasons").inner_text()
    assert "JPEG, because it is the source's own." in reasons and "in memory now" in reasons
    page.locator("#meta-details summary").click()
    page.wait_for_function("() => document.querySelector('#meta').textContent.includes('operations')")


def test_a_pasted_url_is_taken_apart(visit):
    page = visit()
    shown(page)
    page.locator("#paste").fill(
        "https://old.example/Wwjr74-R7GrVN0XPT-Aq_DGFOh8=/trim/10x20:400x300/fit-in/-210x210/left/top/smart/"
        "filters:quality(40):watermark(logo.png,-10,-10,20)/portrait.jpg"
    )
    answer, path = after(page, page.locator("#paste-form button").click)
    assert answer.status == 200
    assert path == (
        "/unsafe/trim/10x20:400x300/fit-in/-210x210/left/top/smart/"
        "filters:quality(40):watermark(logo.png,-10,-10,20)/portrait.jpg"
    )
    assert page.locator("#crop-bottom").input_value() == "300"
    assert page.locator("#filters li strong").all_inner_texts() == ["quality", "watermark"]
    page.locator("#paste").fill("https://old.example")
    page.locator("#paste-form button").click()
    page.locator("#error").wait_for()
    assert "cannot be read" in page.locator("#error").inner_text()


def in_base64(request):
    return base64.b64encode(json.dumps(request).encode()).decode()


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ({"resize": {"width": 200, "height": 100, "fit": "inside"}, "grayscale": True}, "fit-in/200x100/filters:grayscale():upscale()/portrait.jpg"),
        ({"resize": {"width": "90", "height": 90, "position": "attention", "withoutEnlargement": True}, "toFormat": "webp", "webp": {"quality": 55}},
         "90x90/smart/filters:no_upscale():format(webp):quality(55)/portrait.jpg"),
        ({"rotate": 90, "resize": {"width": 80, "height": 60, "fit": "contain", "background": {"r": 255, "g": 0, "b": 8}}, "blur": 2},
         "fit-in/80x60/filters:upscale():fill(ff0008):rotate(270):blur(6,2)/portrait.jpg"),
        ({"crop": {"left": 10, "top": 20, "width": 100, "height": 80}, "flop": True, "resize": {"width": 50, "height": None}},
         "10x20:110x100/-50x0/portrait.jpg"),
        ({"overlayWith": {"key": "logo.png", "alpha": 20, "wRatio": 30, "options": {"left": -5, "top": "50p"}}, "sharpen": True, "negate": True},
         "filters:convolution(-1;-1;-1;-1;32;-1;-1;-1;-1,3,true):watermark(logo.png,-5,50p,20,30,none):"
         "curve([(0,255),(255,0)],[(0,0),(255,255)],[(0,0),(255,255)],[(0,0),(255,255)])/portrait.jpg"),
    ],
)
def test_a_request_in_json_is_taken_apart_as_the_server_takes_it(visit, later_server, edits, expected):
    page = visit(server=later_server)
    shown(page)
    request = in_base64({"key": "portrait.jpg", "edits": edits})
    page.locator("#paste").fill(f"https://old.example/{request}")
    answer, path = after(page, page.locator("#paste-form button").click)
    assert (answer.status, path) == (200, f"/unsafe/{expected}")
    assert page.locator("#pasted").is_hidden()
    here, there = (urllib.request.urlopen(later_server + at).read() for at in (path, f"/{request}"))
    assert here == there


def test_what_a_request_in_json_asks_and_the_page_cannot_is_named(visit, later_server):
    page = visit(server=later_server)
    shown(page)
    page.locator("#paste").fill(json.dumps({"bucket": "mine", "key": "wide.jpg", "edits": {"normalize": True, "flip": True, "constructor": 1}}))
    _, path = after(page, page.locator("#paste-form button").click)
    assert path == "/unsafe/0x-0/wide.jpg"
    assert "no control here: normalize, constructor." in page.locator("#pasted").inner_text()
    assert '"bucket": "mine"' in snippet(page, "Serverless Image Handler 4 to 7, JSON")
    overlay = {"bucket": "mine", "key": "logo.png", "options": {"left": 3, "top": 4}}
    page.locator("#paste").fill(json.dumps({"bucket": "mine", "key": "wide.jpg", "edits": {"overlayWith": overlay}}))
    _, path = after(page, page.locator("#paste-form button").click)
    assert "watermark(logo.png,3,4,0,none,none)" in path and page.locator("#pasted").is_hidden()
    page.wait_for_function("() => /overlayWith.*bucket.*mine/s.test(document.querySelector('#snippet').textContent)")
    for broken, why in (("https://old.example/eyJrZXki", "no request in JSON"), ("{}", "no “key”")):
        page.locator("#paste").fill(broken)
        page.locator("#paste-form button").click()
        page.wait_for_function("why => document.querySelector('#error').textContent.includes(why)", arg=why)


def test_edits_in_the_query_are_taken_over(visit):
    page = visit()
    shown(page)
    page.locator("#paste").fill("https://old.example/wide.jpg?width=120&height=90&fit=inside&grayscale=true&format=png")
    answer, path = after(page, page.locator("#paste-form button").click)
    assert path == "/unsafe/fit-in/120x90/filters:grayscale():upscale():format(png)/wide.jpg"
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    "options",
    [
        "300x200/smart/photo.jpg",
        "300x200/left/top/filters:no_upscale():grayscale()/photo.jpg",
        "fit-in/200x200/filters:upscale():fill(tomato)/wide.jpg",
        "fit-in/200x200/photo.jpg",
        "full-fit-in/-90x-120/filters:rotate(90)/photo.jpg",
        "10x20:300x200/120x80/filters:stretch():blur(6,2):format(webp):quality(40)/portrait.jpg",
        "trim:7/90x0/filters:convolution(1;2;1;2;4;2;1;2;1,3,true):watermark(logo.png,-4,center,10,30,none)/photo.jpg",
        "filters:background_color(ff8800):quality(50):format(jpg):strip_exif():strip_icc()/transparent.png",
    ],
)
def test_the_request_in_json_asks_for_the_same_picture(visit, later_server, options):
    page = visit(server=later_server, at=f"/-/ui/#/{options}")
    shown(page)
    url = snippet(page, "Serverless Image Handler 4 to 7, URL")
    assert page.locator("#take-note").inner_text() == ""
    said, plain = (urllib.request.urlopen(at).read() for at in (url, f"{later_server}/unsafe/{options}"))
    assert said == plain


def test_what_json_cannot_say_is_named_and_who_takes_it(visit):
    page = visit(at="/-/ui/#/adaptive-fit-in/90x90/filters:brightness(20)/photo.jpg")
    shown(page)
    snippet(page, "Serverless Image Handler 4 to 7, URL")
    note = page.locator("#take-note").inner_text()
    assert "It cannot say: the fit adaptive-fit-in, brightness(20)." in note and "PROFILE=sih7" in note


def test_a_signature_made_in_the_page_is_good_and_the_secret_stays(visit, server):
    page = visit()
    asked = []
    page.on("request", lambda request: asked.append((request.url, request.post_data or "")))
    answer, path = after(page, lambda: page.locator("#key").fill(KEY))
    assert answer.status == 200
    assert re.fullmatch(r"/[\w-]{27}=/300x200/smart/photo.jpg", path)
    with urllib.request.urlopen(server + path) as response:
        assert response.status == 200
    assert not any(KEY in url or KEY in body for url, body in asked)
    assert KEY not in page.url


def test_where_unsafe_urls_are_refused_the_secret_or_a_token_opens_the_page(visit, strict_server):
    for field, value in (("#key", KEY), ("#token", TOKEN)):
        page = visit(server=strict_server, expect=("400",), picture=False)
        assert page.locator("#error").inner_text().startswith("400: unsigned URLs are not allowed.")
        assert page.locator("#gallery button").count() == 0
        answer, path = after(page, lambda: page.locator(field).fill(value))
        assert answer.status == 200
        assert re.fullmatch(r"/[\w-]{40}/300x200/smart/photo.jpg", path)
        page.wait_for_function("() => [...document.querySelectorAll('#gallery img')].filter(one => one.naturalWidth > 0).length === 6")


def test_a_wrong_secret_is_told_in_words(visit):
    page = visit(expect=("400",))
    after(page, lambda: page.locator("#key").fill("not the secret"))
    page.locator("#error").wait_for()
    assert page.locator("#error").inner_text().startswith("400: ")


def test_a_missing_picture_is_told_in_words_and_the_next_one_shows(visit):
    page = visit(expect=("404",))
    after(page, lambda: page.locator("#image").fill("nothing.jpg"))
    page.locator("#error").wait_for()
    assert "404: source not found" in page.locator("#error").inner_text()
    after(page, page.locator("#gallery button").nth(1).click)
    page.locator("#error").wait_for(state="hidden")


def test_a_file_of_the_visitor_is_rendered(visit):
    page = visit()
    shown(page)
    with page.expect_response(lambda answer: "/-/render/" in answer.url) as answer:
        page.locator("#upload").set_input_files(SAMPLES / "portrait.jpg")
    assert answer.value.status == 200
    page.wait_for_function("() => document.querySelector('#facts').innerText.includes('300 × 200')")
    after(page, page.locator("#upload-clear").click)
    assert page.locator("#upload-clear").is_hidden()


def test_what_is_copied_is_the_url_the_code_and_the_link(visit, server):
    page = visit()
    shown(page)
    clipboard = lambda: page.evaluate("navigator.clipboard.readText()")
    page.locator("#copy-url").click()
    page.wait_for_function("() => document.querySelector('#copied').textContent === 'Copied.'")
    assert clipboard() == f"{server}/unsafe/300x200/smart/photo.jpg"
    for name in page.locator("#take option").all_inner_texts():
        page.locator("#take").select_option(label=name)
        page.wait_for_function("() => document.querySelector('#snippet').textContent.length > 20")
        page.locator("#copy-snippet").click()
        page.wait_for_timeout(50)
        assert clipboard() == page.locator("#snippet").text_content(), name
    page.locator("#take").select_option(label="<img srcset>, by width")
    page.locator("#widths").fill("100 200")
    page.wait_for_function("() => document.querySelector('#snippet').textContent.includes('100x67')")
    snippet = page.locator("#snippet").text_content()
    assert f"{server}/unsafe/100x67/smart/photo.jpg 100w" in snippet and "200x133/smart/photo.jpg 200w" in snippet
    page.locator("#copy-link").click()
    page.wait_for_timeout(50)
    again = visit(at=clipboard().removeprefix(server))
    assert shown(again) == "/unsafe/300x200/smart/photo.jpg"


def snippet(page, name):
    page.locator("#take").select_option(label=name)
    page.wait_for_function("() => document.querySelector('#snippet').textContent.length > 20")
    return page.locator("#snippet").text_content()


def test_code_to_take_away_shows_the_picture(visit, browser, server, tmp_path):
    page = visit(at="/-/ui/#/0x0:900x900/120x80/left/smart/filters:quality(55)/photo.jpg")
    wanted = "0x0:900x900/120x80/left/smart/filters:quality(55)/photo.jpg"
    assert shown(page) == f"/unsafe/{wanted}"
    snippet(page, "<img srcset>, by width")
    page.locator("#widths").fill("60 120")
    page.locator("#slot").fill("60px")
    other = browser.new_page()
    for name in ("<img>", "<img srcset>, by width", "<img srcset>, by density", "<picture> with AVIF and WebP"):
        other.set_content(snippet(page, name))
        other.wait_for_function("() => document.querySelector('img').naturalWidth > 0")
        assert other.evaluate("() => document.querySelector('img').currentSrc").startswith(server), name
    other.set_content(f"<style>{snippet(page, 'CSS image-set')} .hero {{ width: 9px; height: 9px }}</style><p class=hero>")
    assert "image-set" in other.evaluate("() => getComputedStyle(document.querySelector('.hero')).backgroundImage")
    loader = snippet(page, "Next.js loader").replace("export default ", "")
    url = other.evaluate("source => new Function(source + '; return tintype({ src: \"/photo.jpg\", width: 64, quality: 50 })')()", loader)
    assert urllib.request.urlopen(url).status == 200 and "/64x" in url and "quality(50)" in url
    other.close()
    subprocess.run(snippet(page, "curl"), shell=True, check=True, cwd=tmp_path)
    assert (tmp_path / "picture").stat().st_size > 500
    space = {}
    exec(snippet(page, "Python (libthumbor)").replace("YOUR_SECURITY_KEY", KEY), space)
    assert urllib.request.urlopen(space["url"]).status == 200
    assert space["url"].endswith(f"=/{wanted}")


def test_views_are_changed_by_keyboard(visit):
    page = visit()
    shown(page)
    page.locator("#view-result").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".compare .top")
    page.locator(".compare input").fill("20")
    assert "inset(0" in page.locator(".compare .top").get_attribute("style")
    page.keyboard.press("Tab")
    page.locator("#view-compare").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("#frame > img")


def test_parts_of_the_url_light_up_their_control(visit):
    page = visit()
    shown(page)
    page.locator("#parts button", has_text="smart").hover()
    assert "faces" in page.locator("#part-about").inner_text()
    assert "lit" in page.locator("[data-part=smart]").get_attribute("class")


@pytest.mark.parametrize(("name", "width", "height", "scheme"), SHAPES)
def test_the_page_is_accessible_and_fits(visit, name, width, height, scheme):
    page = visit(width, height, scheme)
    page.locator("#filter-name").select_option("saturation")
    after(page, page.locator("#filter-add").click)
    page.wait_for_selector("#pipeline li")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    report = Axe().run(page)
    serious = [f"{found['id']}: {found['nodes'][0]['html']}" for found in report["violations"] if found["impact"] in ("serious", "critical")]
    assert serious == []
    if os.environ.get("UPDATE_DOCS"):
        DOCS.mkdir(exist_ok=True)
        page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=DOCS / f"{name}.png")
    assert (DOCS / f"{name}.png").exists(), "UPDATE_DOCS=1 tests/ui/run writes it"


def test_the_page_is_light_and_quickly_there(visit):
    pages = [visit() for _ in range(3)]
    loaded = pages[0].evaluate("performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).filter(one => one.name.includes('/-/')).reduce((sum, one) => sum + one.transferSize, 0)")
    assert 10_000 < loaded < 150_000, "not even compressed"
    painted = [page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") for page in pages]
    assert min(painted) < 1000, painted
