"""The page, in a headless Chromium: against the daemon, and with a made-up node of many pods."""

import os
import subprocess
import sys
import time

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
    """fake_node(200) → the URL of a page with as many pods."""
    running = []

    def start(count):
        process = subprocess.Popen([sys.executable, "-B", FAKE, "0", str(count)], stdout=subprocess.PIPE, text=True)
        running.append(process)
        return process.stdout.readline().strip()
    yield start
    for process in running:
        process.kill()
        process.wait()


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
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 360, "height": 720, "deviceScaleFactor": 1, "mobile": True})
    eventually(lambda: browser.execute_script("return innerWidth < 720"), "the window is narrow")
    picture(browser, f"pods-{count}-narrow")
    fits = "return document.documentElement.scrollWidth <= innerWidth"
    eventually(lambda: browser.execute_script(fits), "nothing is wider than the window")
    assert console_errors(browser) == []


def test_keys_alone_are_enough(browser, fake_node):
    browser.get(fake_node(20))
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 20, "the tiles")
    page = browser.find_element(By.TAG_NAME, "body")
    page.send_keys(Keys.ARROW_RIGHT)
    page.send_keys(Keys.ARROW_RIGHT)
    name = browser.execute_script("return document.activeElement.querySelector('b').textContent")
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


@pytest.mark.restarts_daemon
def test_the_page_lives_with_the_node(node, busybox, browser, tmp_path, names):
    """Events change it, a log is followed, a daemon that is gone is told of, and one that is back is found."""
    from conftest import Pod, pod_config
    node.stop()
    node.arguments = ["--gateway=tcp://127.0.0.1:8283", f"--gateway-token-file={tmp_path}/token"]
    try:
        node.start()
        browser.get("http://127.0.0.1:8283/")
        eventually(lambda: text(browser, "#link") == "live", "the page is live")
        pod = Pod(node.client, pod_config(names()))
        eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".pod")) == 1, "the new pod's tile")
        pod.run(busybox, "sh", "-c", "i=0; while :; do echo tick $i; i=$((i+1)); sleep 0.2; done", name="ticker", log_path="t/0.log")
        eventually(lambda: "ticker" in text(browser, "#pods") and "running" in text(browser, "#pods"), "its container")
        eventually(lambda: "container ticker started" in text(browser, "#events"), "the event")
        eventually(lambda: browser.find_elements(By.CSS_SELECTOR, ".memory path[d*=L]"), "its memory as a line")
        browser.find_element(By.CSS_SELECTOR, ".containers button").click()
        eventually(lambda: "tick 3" in text(browser, "#text"), "the log")
        before = text(browser, "#text")
        eventually(lambda: len(text(browser, "#text")) > len(before) + 20, "the log goes on")
        picture(browser, "log")
        browser.find_element(By.CSS_SELECTOR, "#log [data-close]").click()
        assert console_errors(browser) == []
        node.kill()
        eventually(lambda: text(browser, "#link") == "daemon gone", "the daemon is gone")
        assert "does not answer since" in text(browser, "#trouble")
        picture(browser, "gone")
        node.start()
        eventually(lambda: text(browser, "#link") == "live", "the daemon is back")
        eventually(lambda: not browser.find_element(By.ID, "trouble").is_displayed(), "all is well")
        # What the browser says of refused connections, and of a daemon that still starts, is no defect of the page.
        expected = ("ERR_CONNECTION", "ERR_INCOMPLETE", "ERR_NETWORK", "status of 503")
        assert [error for error in console_errors(browser) if not any(word in error for word in expected)] == []
    finally:
        for pod in node.client.pods():
            node.client.delete_pod(pod.id)
        node.stop()
        node.arguments = []
        node.start()
