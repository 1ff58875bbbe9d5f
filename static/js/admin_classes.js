/* The class page of the administration: a live preview of the description, films that report how
   far they are, and the progress of an upload. The page works without any of it. */
(() => {
  "use strict";

  const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

  function previewWhileTyping(preview) {
    const text = document.getElementById(preview.dataset.markdownPreview);
    if (!text) return;
    let timer;
    let asked = 0;
    text.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const mine = ++asked;
        const response = await fetch(preview.dataset.address, {
          method: "POST",
          headers: { "X-CSRFToken": token() },
          body: new URLSearchParams({ text: text.value }),
        }).catch(() => null);
        if (response?.ok && mine === asked) preview.innerHTML = await response.text();
      }, 400);
    });
  }

  function followFilms(page) {
    const working = () => page.querySelector("[data-film-working]");
    const look = async () => {
      const response = await fetch(page.dataset.films).catch(() => null);
      if (response?.ok) {
        for (const [variant, html] of Object.entries(await response.json())) {
          const panel = page.querySelector(`[data-film="${variant}"]`);
          if (panel) panel.outerHTML = html;
        }
      }
      if (working()) setTimeout(look, 3000);
    };
    if (page.dataset.films && working()) setTimeout(look, 3000);
  }

  function showUpload(form, line) {
    form.addEventListener("submit", (event) => {
      const hasFilm = [...form.querySelectorAll("[data-film-upload]")].some((input) => input.files.length);
      if (!hasFilm) return;
      event.preventDefault();
      const data = new FormData(form, event.submitter);
      const bar = line.querySelector("progress");
      const figure = line.querySelector("[data-upload-figure]");
      const request = new XMLHttpRequest();
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        bar.value = (100 * loaded) / total;
        figure.textContent = `${Math.floor(bar.value)} %`;
      });
      request.addEventListener("load", () => {
        // The answer is the page that the browser would have gone to, messages included.
        history.replaceState(null, "", request.responseURL);
        document.open();
        document.write(request.responseText);
        document.close();
      });
      request.addEventListener("error", () => {
        line.hidden = true;
        HTMLFormElement.prototype.submit.call(form);
      });
      line.hidden = false;
      request.open("POST", form.action);
      request.send(data);
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-markdown-preview]").forEach(previewWhileTyping);
    const page = document.querySelector(".class-page");
    if (page) followFilms(page);
    const line = document.querySelector("[data-upload-progress]");
    if (line) showUpload(line.closest("form"), line);
  });
})();
