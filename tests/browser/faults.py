"""What may be wrong with a page that is open: for the keyboard, for the width, without scripts."""

from playwright.sync_api import Page

# Everything that Tab must reach, in the order in which it must. Of radio buttons only the chosen
# one is a stop; a film and a field for a date have stops within, which count as one.
_NOTES = """() => {
    // Where a field has the focus from the start, Tab would go on from there.
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
    document.getAnimations().forEach((animation) => animation.finish());
    const looks = (element) => ["", "::after"].map((part) => {
        const style = getComputedStyle(element, part);
        return [
            style.outlineStyle === "none" ? "" : style.outline, style.boxShadow, style.borderColor,
            style.backgroundColor, style.color, style.textDecoration, style.opacity,
        ];
    }).join("|");
    const around = (element) => [
        element, element.parentElement, element.nextElementSibling, ...(element.labels ?? []),
        element.closest(".card, .moment"),
    ].filter(Boolean);
    const stopOf = (radio) => {
        const group = [...document.querySelectorAll("[type=radio]")].filter(
            (other) => other.name === radio.name && other.form === radio.form);
        return group.find((other) => other.checked) ?? group[0];
    };
    const stops = [...document.querySelectorAll(
        "a[href], button, input, select, textarea, summary, audio[controls], video[controls],"
        + "iframe, [tabindex], [contenteditable=true]"
    )].filter((element) => element.tabIndex >= 0 && !element.matches(":disabled, [type=hidden]")
        && !element.closest("[inert]")
        && (element.tagName !== "SUMMARY" || element.parentElement.tagName === "DETAILS")
        && element.checkVisibility({ visibilityProperty: true })
        && (element.type !== "radio" || element === stopOf(element)));
    const before = new Map();
    for (const stop of stops) {
        for (const element of around(stop)) before.set(element, looks(element));
    }
    window.walk = { stops, reached: [], unseen: [] };
    document.addEventListener("focusin", ({ target }) => {
        if (window.walk.reached.at(-1) === target) return;
        window.walk.reached.push(target);
        if (!before.has(target)) return;
        // Colours may take a moment to change: what they change to is what counts.
        for (const element of around(target)) {
            for (const animation of element.getAnimations()) animation.finish();
        }
        if (around(target).every((element) => looks(element) === before.get(element))) {
            window.walk.unseen.push(target);
        }
    });
    return stops.length;
}"""

_PASSED = "() => window.walk.reached.includes(window.walk.stops.at(-1))"

_FOUND = """() => {
    const { stops, reached, unseen } = window.walk;
    const name = (element) => element.outerHTML.slice(0, 120);
    // A script may show more while one walks, and a film or a list that scrolls is a stop as well.
    const inOrder = reached.filter((element, index) =>
        stops.includes(element) && reached.indexOf(element) === index);
    const missed = stops.filter((element) =>
        !reached.includes(element) && element.checkVisibility({ visibilityProperty: true }));
    const wrong = inOrder.findIndex((element, index) =>
        index && stops.indexOf(element) < stops.indexOf(inOrder[index - 1]));
    return [
        ...missed.map((element) => `Tab does not reach ${name(element)}`),
        ...unseen.map((element) => `focus is not seen on ${name(element)}`),
        ...(wrong > 0 ? [`Tab comes out of order to ${name(inOrder[wrong])}`] : []),
    ];
}"""


def sticks_out(page: Page) -> bool:
    """Whether a reader would have to scroll sideways."""
    return page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )


def faults_for_the_keyboard(page: Page) -> list[str]:
    """What Tab does not reach, reaches out of order, or reaches without showing it.

    Walks the page from its beginning to its last stop; a trap on the way leaves the rest unreached.
    """
    expected = page.evaluate(_NOTES)
    if not expected:
        return ["Tab reaches nothing"]
    for pressed in range(3 * expected + 30):
        page.keyboard.press("Tab")
        if pressed >= expected - 1 and page.evaluate(_PASSED):
            break
    return page.evaluate(_FOUND)


def dead_without_scripts(page: Page) -> list[str]:
    """What is to be pressed or filled in on a page that runs no scripts, and can do nothing."""
    return page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, textarea, a, [role=button]")]
            .filter((element) => element.checkVisibility({ visibilityProperty: true })
                && !element.matches(":disabled"))
            .filter((element) => {
                if (element.matches("a")) return /^#?$/.test(element.getAttribute("href") ?? "");
                if (element.matches("[popovertarget], [command]")) return false;
                if (element.matches("button")) return !element.form || element.type === "button";
                return !element.form;
            })
            .map((element) => `does nothing without scripts: ${element.outerHTML.slice(0, 120)}`)"""
    )
