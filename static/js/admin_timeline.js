/* The timeline's page of the administration: the film's time goes into the lines, a line's time to
   the film, a fault to its line, and the list of known words is searched. It works without any of
   it. */
(() => {
  "use strict";

  const TIME = /^\s*(\d{1,3}(?::\d{1,2}){1,2})/;

  function clock(seconds) {
    const whole = Math.floor(seconds);
    const two = (number) => String(number).padStart(2, "0");
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, two(whole % 60)];
    return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
  }

  const inSeconds = (time) => time.split(":").reduce((sum, part) => 60 * sum + Number(part), 0);

  /* Where the line with this place begins and ends. */
  function lineAt(text, place) {
    const end = text.value.indexOf("\n", place);
    return [text.value.lastIndexOf("\n", place - 1) + 1, end < 0 ? text.value.length : end];
  }

  function select(text, number) {
    const lines = text.value.split("\n");
    const start = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[number - 1] ?? "").length);
    // The box does not follow what is selected by a script.
    text.scrollTop = (text.scrollHeight / lines.length) * Math.max(0, number - 4);
  }

  /* On an empty line, else on a new one after the line of the cursor; as if it had been typed. */
  function insertTime(text, film) {
    const [start, end] = lineAt(text, text.selectionStart);
    const isEmpty = !text.value.slice(start, end).trim();
    const time = `${isEmpty ? "" : "\n"}${clock(film.currentTime)} `;
    text.focus();
    text.setRangeText(time, isEmpty ? start : end, end, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function playLine(text, film) {
    const time = TIME.exec(text.value.slice(...lineAt(text, text.selectionStart)));
    if (!time) return;
    film.currentTime = inSeconds(time[1]);
    film.play();
  }

  function searchWords(page) {
    const box = page.querySelector("[data-words-search]");
    const words = [...page.querySelectorAll("[data-word]")];
    const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    const known = words.map((word) => plain(word.textContent));
    box.hidden = false;
    const input = box.querySelector("input");
    input.addEventListener("input", () => {
      const wanted = plain(input.value.trim());
      words.forEach((word, number) => (word.hidden = !known[number].includes(wanted)));
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault(); // it is no part of what is saved
    });
  }

  /* What was typed and not saved is not left by a slip. */
  function keepTyped(page, text) {
    const stored = text.defaultValue;
    const isUnsaved = page.querySelector("#timeline-faults, #timeline-other");
    const stay = (event) => {
      if (isUnsaved || text.value !== stored) event.preventDefault();
    };
    addEventListener("beforeunload", stay);
    page.addEventListener("submit", () => removeEventListener("beforeunload", stay));
  }

  document.addEventListener("DOMContentLoaded", () => {
    const page = document.querySelector("[data-timeline-page]");
    if (!page) return;
    const text = page.querySelector("[data-timeline-text]");
    const film = page.querySelector("[data-timeline-film]");
    const tools = page.querySelector("[data-timeline-tools]");
    if (tools) {
      tools.hidden = false;
      tools.querySelector("[data-insert-time]").addEventListener("click", () => insertTime(text, film));
      tools.querySelector("[data-play-line]").addEventListener("click", () => playLine(text, film));
    }
    for (const link of page.querySelectorAll("[data-line]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        select(text, Number(link.dataset.line));
      });
    }
    searchWords(page);
    if (!text.readOnly) keepTyped(page, text);
  });
})();
