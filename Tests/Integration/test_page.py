"""The page, in a headless Chromium: against the daemon, and with a made-up node of many pods."""

import json
import os
import subprocess
import sys
import time
import urllib.request

import pytest
from node import ROOT, eventually
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.chrome.service import Service

FAKE = os.path.join(ROOT, "Tests", "Client", "fake_gateway.py")
# Set it to keep the screenshots, for looking at them.
PICTURES = os.environ.get("RKTLET_TEST_PICTURES")


@pytest.fixture
def browser(tmp_path):
    options = webdriver.ChromeOptions()
    for flag in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900",
                 f"--user-data-dir={tmp_path}/chromium", "--no-first-run", "--disable-background-networking"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    yield driver
    driver.quit()


def console_errors(browser):
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "ERROR")]


def picture(browser, name):
    if PICTURES:
        browser.save_screenshot(os.path.join(PICTURES, name + ".png"))


def text(browser, selector):
    return browser.find_element(By.CSS_SELECTOR, selector).text


@pytest.fixture
def fake_node():
    """fake_node(200) → the URL of a page with as many pods; with a token, it asks for that."""
    running = []

    def start(count, token=""):
        process = subprocess.Popen([sys.executable, "-B", FAKE, "0", str(count), token], stdout=subprocess.PIPE, text=True)
        running.append(process)
        return process.stdout.readline().strip()
    yield start
    for process in running:
        process.kill()
        process.wait()


def tell(address, method, path, **body):
    """Has the made-up node behave as the head of fake_gateway.py says."""
    request = urllib.request.Request(address.rstrip("/") + path, method=method, data=json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def trouble(browser):
    """What the box says; nothing when it is hidden."""
    return text(browser, "#trouble")


def look_again(browser):
    """As if the window had been behind another one."""
    browser.execute_script("document.dispatchEvent(new Event('visibilitychange'))")


def press(browser, *keys):
    for key in keys:
        browser.switch_to.active_element.send_keys(key)


def focused(browser):
    """The name of the pod whose tile has the focus."""
    return browser.execute_script("return document.querySelector('.pod > button:focus b')?.textContent")


def test_curves_begin_before_the_page_was_opened(browser, fake_node):
    """By the page's own readings, one in two seconds, twenty points would take longer than is waited here."""
    browser.get(fake_node(2))
    shape = "return Math.max(0, ...[...document.querySelectorAll('.use path')].map(p => (p.getAttribute('d') || '').split('L').length))"
    eventually(lambda: browser.execute_script(shape) >= 20, "a curve of twenty points", timeout=15)
    assert console_errors(browser) == []


@pytest.mark.parametrize("count", [1, 200])
def test_many_pods_wide_narrow_light_and_dark(browser, fake_node, count):
    address = fake_node(count)
    started = time.monotonic()
    browser.get(address)
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == count, f"{count} tiles")
    assert time.monotonic() - started < 20
    eventually(lambda: text(browser, "#link") == "live", "the page is live")
    eventually(lambda: browser.find_elements(By.CSS_SELECTOR, ".use path[d*=L]"), "a sparkline")
    picture(browser, f"pods-{count}-light")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    picture(browser, f"pods-{count}-dark")
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": 360, "height": 720, "deviceScaleFactor": 1, "mobile": True})
    eventually(lambda: browser.execute_script("return innerWidth < 720"), "the window is narrow")
    picture(browser, f"pods-{count}-narrow")
    fits = "return document.documentElement.scrollWidth <= innerWidth"
    eventually(lambda: browser.execute_script(fits), "nothing is wider than the window")
    assert console_errors(browser) == []


def test_keys_alone_are_enough(browser, fake_node):
    browser.get(fake_node(20))
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 20, "the tiles")
    press(browser, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    name = focused(browser)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    eventually(lambda: browser.find_element(By.ID, "pod").is_displayed(), "the pod is open")
    assert name in text(browser, "#pod-name")
    assert "rktlet-pod-" in text(browser, "#facts") and "rktlet-pods.slice" in text(browser, "#facts")
    picture(browser, "pod")
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    eventually(lambda: not browser.find_element(By.ID, "pod").is_displayed(), "the pod is closed")
    browser.find_element(By.TAG_NAME, "body").send_keys("/")
    browser.switch_to.active_element.send_keys("queue")
    eventually(lambda: 0 < len(browser.find_elements(By.CSS_SELECTOR, ".pod")) < 20, "filtered")
    assert all("queue" in tile.text for tile in browser.find_elements(By.CSS_SELECTOR, ".pod"))
    assert console_errors(browser) == []


def test_a_pods_story_is_opened_and_put_away(browser, fake_node):
    address = fake_node(3)
    browser.get(address)
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 3, "the tiles")
    press(browser, Keys.ARROW_RIGHT)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    eventually(lambda: browser.find_element(By.ID, "pod").is_displayed(), "the pod is open")
    pod = text(browser, "#facts").split("Id\n", 1)[1].split("\n", 1)[0]
    begin = 1_790_000_000_000_000_000
    tell(address, "PUT", f"/fake/v1/pods/{pod}/story", status=200, body={
        "id": pod, "name": "default/web", "state": "SANDBOX_READY", "summary": "ready; 1 of 2 containers runs, db exited with 137 (OOMKilled)",
        "cut": True, "gap": "", "entries": [
            {"at": str(begin + 10**9 * second), "source": source, "problem": problem, "text": line} for second, (source, problem, line) in enumerate([
                ("call", False, "RunPodSandbox default/web: done after 58 ms (systemd launch 52 ms)"), ("systemd", False, "Started rktlet-pod-aaaaaaaaaaaa.service"),
                ("unit", False, "container db (cccccccc0000): started, process 4711"),
                ("unit", True, "container db (cccccccc0000): ended with code 137, OOMKilled: the kernel killed 1 process at a memory limit"),
                ("call", True, "ExecSync db (cccccccc0000): notFound after 1 ms: <script>alert(1)</script>")])]})
    button = browser.find_element(By.ID, "pod-story")
    button.send_keys(Keys.ENTER)

    def told():
        return [row.text for row in browser.find_elements(By.CSS_SELECTOR, "#story-rows tr")]
    eventually(lambda: len(told()) == 5, "the story")
    assert "db exited with 137 (OOMKilled); there was more before this" in text(browser, "#story-summary")
    assert "RunPodSandbox default/web" in told()[0] and "<script>" in told()[-1]
    assert not browser.find_elements(By.CSS_SELECTOR, "#story-rows script")
    assert [bool(row.find_elements(By.CSS_SELECTOR, ".bad")) for row in browser.find_elements(By.CSS_SELECTOR, "#story-rows tr")] == [False] * 3 + [True] * 2
    picture(browser, "story")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    browser.set_window_size(420, 800)
    picture(browser, "story-narrow-dark")
    assert button.get_attribute("aria-expanded") == "true"
    button.send_keys(Keys.ENTER)
    assert not browser.find_element(By.ID, "story").is_displayed() and button.get_attribute("aria-expanded") == "false"
    assert console_errors(browser) == []


def rows(browser):
    return [row.text for row in browser.find_elements(By.CSS_SELECTOR, "#calls-rows tr")]


def test_the_calls_are_a_table_that_goes_on(browser, fake_node):
    browser.get(fake_node(3))
    eventually(lambda: text(browser, "#link") == "live", "the page is live")
    browser.find_element(By.ID, "show-calls").send_keys(Keys.ENTER)
    eventually(lambda: any("StopContainer" in row for row in rows(browser)), "a call that ended after the table was opened")
    told = rows(browser)
    assert "StopContainer" in told[0] and "PullImage" in told[-1], told
    pod = next(row for row in told if "RunPodSandbox" in row)
    assert "default/web-0 aaaaaaaaaaaa" in pod and "231 ms" in pod and "systemd launch 229 ms" in pod
    assert "41.0 s" in told[-1] and not any("ListContainers" in row for row in told)
    # What callers write is text.
    assert any("<script>" in row for row in told) and not browser.find_elements(By.CSS_SELECTOR, "#calls-rows script")
    picture(browser, "calls")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    picture(browser, "calls-dark")
    browser.find_element(By.ID, "calls-failed").click()
    eventually(lambda: rows(browser) and all("cannot be executed" in r or "no pod" in r for r in rows(browser)), "those that failed")
    browser.find_element(By.ID, "calls-failed").click()
    browser.find_element(By.ID, "calls-all").click()
    eventually(lambda: any("ListContainers" in row for row in rows(browser)), "those that only ask, too")
    browser.find_element(By.ID, "calls-slow").click()
    eventually(lambda: rows(browser) and all("41.0 s" in row for row in rows(browser)), "the slow ones")
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    eventually(lambda: not browser.find_element(By.ID, "calls").is_displayed(), "the table is closed")
    assert console_errors(browser) == []


def test_a_log_is_opened_by_keyboard(browser, fake_node):
    browser.get(fake_node(3))
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 3, "the tiles")
    press(browser, Keys.ARROW_RIGHT, Keys.TAB)
    row = browser.switch_to.active_element
    row.send_keys(Keys.ENTER)
    eventually(lambda: "one line" in text(browser, "#text"), "the log")
    assert row.text in text(browser, "#log-name")
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    eventually(lambda: not browser.find_element(By.ID, "log").is_displayed(), "the log is closed")
    assert browser.switch_to.active_element == row
    assert console_errors(browser) == []


def test_the_focus_stays_where_it_is(browser, fake_node):
    """An earlier pod goes, a filter comes and goes, and the pod itself goes to the front because it is not ready any more."""
    address = fake_node(5)
    browser.get(address)
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 5, "the tiles")

    def order():
        return [b.text for b in browser.find_elements(By.CSS_SELECTOR, ".pod b")]
    press(browser, *[Keys.ARROW_RIGHT] * 3)
    name = focused(browser)
    assert name == "queue-2" and order()[0] == "web-0"
    tell(address, "DELETE", "/v1/pods/000" + "a" * 61)
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 4, "the first pod is gone")
    assert focused(browser) == name
    filtered = """const f = document.getElementById('filter'); f.value = arguments[0]; f.dispatchEvent(new Event('input'));
                  return document.querySelectorAll('.pod').length"""
    assert browser.execute_script(filtered, name) == 1
    assert focused(browser) == name
    assert browser.execute_script(filtered, "") == 4
    assert focused(browser) == name
    assert order() == ["database-1", "queue-2", "ingress-controller-3", "metrics-agent-4"]
    press(browser, Keys.TAB)
    row = browser.switch_to.active_element
    with urllib.request.urlopen(address + "v1/pods", timeout=10) as answer:
        pods = json.load(answer)
    next(p["status"] for p in pods["items"] if p["status"]["metadata"]["name"] == name)["state"] = "SANDBOX_NOTREADY"
    tell(address, "PUT", "/fake/v1/pods", status=200, body=pods)
    look_again(browser)
    eventually(lambda: order()[0] == name, "the pod goes to the front")
    assert order() == [name, "database-1", "ingress-controller-3", "metrics-agent-4"]
    assert browser.switch_to.active_element == row and "init" in row.text
    assert console_errors(browser) == []


def test_why_a_container_has_ended(browser, fake_node):
    browser.get(fake_node(6))
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 6, "the tiles")
    tile = browser.find_element(By.CSS_SELECTOR, ".pod.notready")
    why = "StartError, exit code 128: the command cannot be executed: /opt/sidecar: no such file or directory"
    titles = [row.get_attribute("title") for row in tile.find_elements(By.CSS_SELECTOR, ".containers li")]
    assert [why in title for title in titles] == [False, False, True]
    tile.find_element(By.TAG_NAME, "button").click()
    eventually(lambda: browser.find_element(By.ID, "pod").is_displayed(), "the pod is open")
    assert f"exited ({why})" in text(browser, "#facts") and "exited (OOMKilled, exit code 137)" in text(browser, "#facts")
    picture(browser, "ended")
    assert console_errors(browser) == []


def test_a_node_that_is_not_ready_for_a_while(browser, fake_node):
    """No event tells of it: the page asks every now and then, and at once when it is looked at again."""
    address = fake_node(2)
    browser.get(address)
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 2, "the tiles")
    assert trouble(browser) == ""
    reason = {"type": "NetworkReady", "status": False, "reason": "NoNetworkConfiguration", "message": "/etc/cni/net.d is empty"}
    tell(address, "PUT", "/fake/readyz", status=503, body={"ready": False, "reasons": [reason]})
    look_again(browser)
    shown = "NetworkReady: NoNetworkConfiguration: /etc/cni/net.d is empty"
    eventually(lambda: shown in trouble(browser), "the trouble, at once", timeout=5)
    assert text(browser, "#link") == "live"
    picture(browser, "not-ready")
    tell(address, "DELETE", "/fake/readyz")
    eventually(lambda: trouble(browser) == "", "no trouble any more")


@pytest.mark.parametrize("path, status", [("/v1/pods", 503), ("/v1/images", 504), ("/v1/stats", 500), ("/readyz", 500)])
def test_an_error_is_told_and_tried_again(browser, fake_node, path, status):
    address = fake_node(2)
    tell(address, "PUT", "/fake" + path, status=status, body={"title": "No", "detail": "the engine has no time"})
    browser.get(address)
    eventually(lambda: f"{path}: the engine has no time" in trouble(browser), "the error")
    eventually(lambda: text(browser, "#link") == "errors", "the link's state")
    picture(browser, "errors")
    tell(address, "DELETE", "/fake" + path)
    eventually(lambda: text(browser, "#link") == "live" and trouble(browser) == "", "no error any more")
    assert len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 2
    assert browser.find_elements(By.CSS_SELECTOR, "#images li")


def test_a_daemon_that_hangs(browser, fake_node):
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {
        "source": "{ const timeout = AbortSignal.timeout; AbortSignal.timeout = ms => timeout.call(AbortSignal, ms / 10); }"})
    address = fake_node(2)
    browser.get(address)
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 2, "the tiles")
    paths = ["/v1/pods", "/v1/containers", "/v1/images", "/v1/stats", "/readyz"]
    for path in paths:
        tell(address, "PUT", "/fake" + path, hang=True)
    eventually(lambda: text(browser, "#link") == "daemon gone", "the daemon is taken for gone")
    assert "does not answer since" in trouble(browser)
    for path in paths:
        tell(address, "DELETE", "/fake" + path)
    eventually(lambda: text(browser, "#link") == "live" and trouble(browser) == "", "the daemon is back")


def test_an_event_stream_that_dies_without_a_word(browser, fake_node):
    """Through a tunnel that broke, or while a laptop slept: no reset comes, and nothing else does."""
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {
        "source": "{ const wait = setTimeout; window.setTimeout = (f, ms) => wait(f, ms > 15000 ? ms / 20 : ms); }"})
    address = fake_node(2)
    browser.get(address)
    eventually(lambda: browser.find_elements(By.CSS_SELECTOR, "#events li"), "the events")

    def listened():
        with urllib.request.urlopen(address + "fake/asked", timeout=10) as answer:
            return json.load(answer).count("/v1/events")
    assert listened() == 1
    tell(address, "PUT", "/fake/v1/events", hang=True)
    eventually(lambda: listened() >= 2, "it listens again", timeout=30)
    tell(address, "DELETE", "/fake/v1/events")
    eventually(lambda: listened() >= 3, "and again where nobody answers", timeout=30)
    tell(address, "DELETE", "/v1/pods/" + f"{1:03x}" + "a" * 61)
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 1, "it has heard of the pod's end")
    assert text(browser, "#link") == "live" and console_errors(browser) == []


def enter(browser, token):
    eventually(lambda: browser.find_element(By.ID, "key").is_displayed(), "the page asks for the token")
    field = browser.find_element(By.ID, "token")
    field.clear()
    field.send_keys(token, Keys.ENTER)


def test_the_token_is_asked_for_once_and_kept_for_the_tab(browser, fake_node):
    token, other = "0123456789abcdef", "fedcba9876543210"
    address = fake_node(3, token)
    browser.get(address)
    eventually(lambda: browser.find_element(By.ID, "key").is_displayed(), "the page asks for the token")
    assert browser.switch_to.active_element == browser.find_element(By.ID, "token")
    picture(browser, "token-light")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    for wrong, said in [("wrong-token-here", "not the token"), ("0123456789abcd\u00e9f", "cannot be a token")]:
        enter(browser, wrong)
        eventually(lambda: said in text(browser, "#key-state"), "it says so")
        picture(browser, "token-wrong")
    press(browser, Keys.ESCAPE, Keys.ESCAPE)
    assert browser.find_element(By.ID, "key").is_displayed()
    # Nothing of the node is there, and the page asks for nothing meanwhile.
    assert browser.find_elements(By.CSS_SELECTOR, ".pod, #images li, #events li") == []
    # Which is not to say that there is nothing.
    assert "locked" in text(browser, "#counts") and "0 pods" not in text(browser, "#counts")
    assert not browser.find_element(By.ID, "empty").is_displayed()
    enter(browser, token)
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 3, "the tiles")
    eventually(lambda: browser.find_elements(By.CSS_SELECTOR, "#events li"), "the events")
    assert text(browser, "#link") == "live" and not browser.find_element(By.ID, "key").is_displayed()
    assert text(browser, "#counts").startswith("3 pods")
    picture(browser, "token-entered")
    browser.find_element(By.CSS_SELECTOR, ".containers button").click()
    eventually(lambda: "one line" in text(browser, "#text"), "a log")
    # A reading and the log's stream have sent it; the tab has it still after a reload.
    browser.refresh()
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 3, "the tiles")
    assert not browser.find_element(By.ID, "key").is_displayed()
    # Another tab has its own.
    browser.switch_to.new_window("tab")
    browser.get(address)
    eventually(lambda: browser.find_element(By.ID, "key").is_displayed(), "another tab is asked")
    browser.close()
    browser.switch_to.window(browser.window_handles[0])
    tell(address, "PUT", "/fake/token", token=other)
    look_again(browser)
    eventually(lambda: "not any more" in text(browser, "#key-state"), "it asks again")
    picture(browser, "token-changed")
    with urllib.request.urlopen(address + "fake/asked", timeout=10) as answer:
        asked = json.load(answer)
    assert "/v1/events" in asked and not any(token in path for path in asked)
    enter(browser, other)
    eventually(lambda: text(browser, "#link") == "live", "the new token does")
    eventually(lambda: not browser.find_element(By.ID, "key").is_displayed(), "the prompt is gone")
    assert browser.execute_script("return [document.cookie, localStorage.length]") == ["", 0]
    assert all("status of 401" in error for error in console_errors(browser))


@pytest.mark.restarts_daemon
def test_the_page_lives_with_the_node(node, busybox, browser, tmp_path, names):
    """Events change it, a log is followed, a daemon that is gone is told of, and one that is back is found."""
    from conftest import Pod, pod_config
    node.stop()
    node.arguments = ["--gateway=tcp://127.0.0.1:8283", f"--gateway-token-file={tmp_path}/token"]
    try:
        node.start()
        browser.get("http://127.0.0.1:8283/")
        enter(browser, (tmp_path / "token").read_text().strip())
        eventually(lambda: text(browser, "#link") == "live", "the page is live")
        pod = Pod(node.client, pod_config(names()))
        eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 1, "the new pod's tile")
        ticks = "i=0; while :; do echo tick $i; i=$((i+1)); sleep 0.2; done"
        pod.run(busybox, "sh", "-c", ticks, name="ticker", log_path="t/0.log")
        eventually(lambda: "ticker" in text(browser, "#pods") and "running" in text(browser, "#pods"), "its container")
        eventually(lambda: "container ticker started" in text(browser, "#events"), "the event")
        eventually(lambda: browser.find_elements(By.CSS_SELECTOR, ".memory path[d*=L]"), "its memory as a line")
        browser.find_element(By.CSS_SELECTOR, ".containers button").click()
        eventually(lambda: "tick 3" in text(browser, "#text"), "the log")
        before = text(browser, "#text")
        eventually(lambda: len(text(browser, "#text")) > len(before) + 20, "the log goes on")
        picture(browser, "log")
        # The first question, which was asked without the token.
        assert all("status of 401" in error for error in console_errors(browser))
        node.kill()
        eventually(lambda: "trying again" in text(browser, "#log-state"), "the log is broken off")
        assert "tick 3" in text(browser, "#text")
        eventually(lambda: text(browser, "#link") == "daemon gone", "the daemon is gone")
        assert "does not answer since" in text(browser, "#trouble")
        picture(browser, "gone")
        node.start()
        eventually(lambda: text(browser, "#link") == "live", "the daemon is back")
        eventually(lambda: not browser.find_element(By.ID, "trouble").is_displayed(), "all is well")
        eventually(lambda: text(browser, "#log-state") == "following", "the log is followed again")
        before = text(browser, "#text")
        assert "tick 3" in before
        eventually(lambda: len(text(browser, "#text")) > len(before) + 20, "the log goes on")
        browser.find_element(By.CSS_SELECTOR, "#log [data-close]").click()
        # What the browser says of refused connections, and of a daemon that still starts, is no defect of the page.
        expected = ("ERR_CONNECTION", "ERR_INCOMPLETE", "ERR_NETWORK", "status of 503")
        assert [error for error in console_errors(browser) if not any(word in error for word in expected)] == []
    finally:
        for pod in node.client.pods():
            node.client.delete_pod(pod.id)
        node.stop()
        node.arguments = []
        node.start()


def screen(browser):
    return browser.execute_script("return document.querySelector('#screen .xterm-rows')?.innerText || ''").replace("\xa0", " ")


def open_terminal(browser):
    browser.find_element(By.CSS_SELECTOR, ".containers button").click()
    eventually(lambda: browser.find_element(By.ID, "log-shell").is_displayed(), "the log is open")
    browser.find_element(By.ID, "log-shell").click()


@pytest.mark.restarts_daemon
def test_a_terminal(node, busybox, browser, tmp_path, names):
    """A shell in a container, by Debian's xterm.js and a ticket; what is typed reaches it, Escape too, and it ends with its dialog."""
    from conftest import Pod, pod_config
    node.stop()
    node.arguments = ["--gateway=tcp://127.0.0.1:8283", f"--gateway-token-file={tmp_path}/token"]
    try:
        node.start()
        pod = Pod(node.client, pod_config(names()))
        container = pod.run(busybox, "sleep", "1000", name="sleeper", log_path="s/0.log")
        browser.get("http://127.0.0.1:8283/")
        enter(browser, (tmp_path / "token").read_text().strip())
        eventually(lambda: "sleeper" in text(browser, "#pods"), "its container")
        open_terminal(browser)
        eventually(lambda: text(browser, "#shell-state") == "connected", "the terminal is connected")
        eventually(lambda: "#" in screen(browser), "the shell's prompt")
        press(browser, "echo hel''lo", Keys.ENTER)
        eventually(lambda: "hello" in screen(browser), "the answer")
        press(browser, "until stty size | grep -q ' 1..$'; do :; done; echo wi''de", Keys.ENTER)
        eventually(lambda: "wide" in screen(browser), "the terminal is as wide as the screen")
        press(browser, "echo rea''dy; read -rsn1 key; printf '%s' \"$key\" | od -c", Keys.ENTER)
        eventually(lambda: "ready" in screen(browser), "it waits for a key")
        press(browser, Keys.ESCAPE)
        eventually(lambda: "033" in screen(browser), "Escape is the command's")
        assert browser.find_element(By.ID, "shell").is_displayed()
        picture(browser, "terminal")
        press(browser, "exit 3", Keys.ENTER)
        eventually(lambda: text(browser, "#shell-state") == "ended with exit code 3", "the end is told")
        # Another command, and the dialog's end is its own.
        command = browser.find_element(By.ID, "shell-command")
        command.clear()
        command.send_keys("sleep 4321", Keys.ENTER)
        eventually(lambda: b"sleep 4321" in node.client.exec(container, "ps")[1], "it runs")
        browser.find_element(By.CSS_SELECTOR, "#shell [data-close]").click()
        eventually(lambda: b"sleep 4321" not in node.client.exec(container, "ps")[1], "it is over")
        # The first question, which was asked without the token.
        assert all("status of 401" in error for error in console_errors(browser))
        assert browser.execute_script("return performance.getEntriesByType('resource').filter(r => r.name.includes('ticket')).length") == 0
    finally:
        for pod in node.client.pods():
            node.client.delete_pod(pod.id)
        node.stop()
        node.arguments = []
        node.start()


def test_without_xterm_the_page_says_how_to_get_it(browser, fake_node):
    address = fake_node(1)
    for name in ("xterm.css", "public%2FTerminal.js"):
        tell(address, "PUT", f"/fake/xterm/{name}", status=404, body={"status": 404, "detail": "not installed: apt install node-xterm"})
    browser.get(address)
    eventually(lambda: browser.find_elements(By.CSS_SELECTOR, ".containers button"), "a container")
    open_terminal(browser)
    eventually(lambda: "apt install node-xterm" in text(browser, "#shell-state"), "it says how")
    picture(browser, "terminal-without-xterm")
