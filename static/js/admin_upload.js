/* Films that are sent from the class page: how far they are, and why one would be refused before
   its gigabytes travel. Without it the form sends them as any other. */
(() => {
  "use strict";

  const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
  const language = document.documentElement.lang || "en";
  const inUnit = (unit, options) =>
    new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 1, ...options }).format;

  function inBytes(bytes) {
    const units = ["kilobyte", "megabyte", "gigabyte"];
    const power = Math.min(2, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3) - 1));
    return inUnit(units[power])(bytes / 1000 ** (power + 1));
  }

  function inTime(seconds) {
    if (seconds < 60) return inUnit("second", { unitDisplay: "long" })(Math.ceil(seconds / 5) * 5);
    if (seconds < 5400) return inUnit("minute", { unitDisplay: "long" })(Math.round(seconds / 60));
    return inUnit("hour", { unitDisplay: "long" })(Math.round(seconds / 360) / 10);
  }

  const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  /* Bytes a second over the last ten seconds; nothing before there are two. */
  function speedometer() {
    const seen = [];
    return (loaded) => {
      const now = performance.now() / 1000;
      seen.push([now, loaded]);
      while (seen.length > 2 && now - seen[0][0] > 10) seen.shift();
      const seconds = now - seen[0][0];
      return seconds > 2 ? (loaded - seen[0][1]) / seconds : 0;
    };
  }

  function sendFilms(form, box) {
    const say = box.dataset;
    const error = box.querySelector("[data-upload-error]");
    const line = box.querySelector("[data-upload-progress]");
    const bar = line.querySelector("progress");
    const figure = line.querySelector("[data-upload-figure]");
    const rows = form.querySelectorAll(".submit-row");
    const chosen = () => [...form.querySelectorAll("[data-film-upload]")].filter((input) => input.files.length);
    const stay = (event) => event.preventDefault();

    function begin() {
      error.hidden = true;
      for (const row of rows) row.inert = true;
    }

    function end(sentence) {
      removeEventListener("beforeunload", stay);
      line.hidden = true;
      for (const row of rows) row.inert = false;
      if (!sentence) return;
      error.textContent = sentence;
      error.hidden = false;
    }

    function mark(input, sentence) {
      unmark(input);
      const list = document.createElement("ul");
      list.className = "errorlist";
      list.id = `${input.id}_refused`;
      list.innerHTML = "<li></li>";
      list.firstChild.textContent = sentence;
      input.closest(".form-row").prepend(list);
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", list.id);
      input.addEventListener("change", () => unmark(input), { once: true });
    }

    function unmark(input) {
      input.closest(".form-row").querySelectorAll(".errorlist").forEach((list) => list.remove());
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }

    /* Before gigabytes travel: their size, and what they begin with. True where all may go. */
    async function mayGo(inputs) {
      let refused = null;
      for (const input of inputs) {
        const [film] = input.files;
        const data = new FormData();
        data.set("bytes", film.size);
        data.set("head", film.slice(0, 16), "head");
        const response = await fetch(say.ask, {
          method: "POST",
          headers: { "X-CSRFToken": token() },
          body: data,
        }).catch(() => null);
        if (!response) return end(say.sayLost), false;
        if (response.redirected || response.status === 403) return end(say.saySignedOut), false;
        if (!response.ok) return end(fill(say.sayRefused, { status: response.status })), false;
        const { refusal } = await response.json();
        if (!refusal) continue;
        mark(input, refusal);
        refused ??= input;
      }
      if (!refused) return true;
      end("");
      refused.focus();
      return false;
    }

    function send(data) {
      const speed = speedometer();
      const request = new XMLHttpRequest();
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        bar.value = (100 * loaded) / total;
        const pace = speed(loaded);
        const values = {
          done: inBytes(loaded),
          all: inBytes(total),
          speed: inBytes(pace),
          left: pace && inTime((total - loaded) / pace),
        };
        const percent = `${Math.floor(bar.value)} %`;
        figure.textContent = `${percent} · ${fill(pace ? say.sayLeft : say.sayProgress, values)}`;
      });
      request.upload.addEventListener("load", () => {
        figure.textContent = say.saySaving;
      });
      request.addEventListener("load", () => {
        if (request.status >= 400) return end(fill(say.sayRefused, { status: request.status }));
        end("");
        // The answer is the page that the browser would have gone to, messages included.
        history.replaceState(null, "", request.responseURL);
        document.open();
        document.write(request.responseText);
        document.close();
      });
      request.addEventListener("error", () => end(say.sayLost));
      request.addEventListener("abort", () => end(say.sayCancelled));
      cancel = () => request.abort();
      bar.value = 0;
      figure.textContent = "";
      line.hidden = false;
      addEventListener("beforeunload", stay);
      request.open("POST", form.action);
      request.send(data);
    }

    let cancel = () => {};
    line.querySelector("[data-upload-cancel]").addEventListener("click", () => cancel());
    form.addEventListener("submit", async (event) => {
      const inputs = chosen();
      if (!inputs.length) return;
      event.preventDefault();
      const data = new FormData(form, event.submitter);
      begin();
      if (await mayGo(inputs)) send(data);
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const box = document.querySelector("[data-upload]");
    if (box) sendFilms(box.closest("form"), box);
  });
})();
