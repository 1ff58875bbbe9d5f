/* The class page of the administration and that of its films: a live preview of the description,
   films that report how far they are, buttons that do not leave the page. The pages work without
   any of it. */
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

  // --- Films in the works ---------------------------------------------------------------------

  /* Puts panels in the place of old ones. Whoever stands on a button keeps standing on it. */
  function showPanels(panels) {
    for (const [variant, html] of Object.entries(panels)) {
      const panel = document.querySelector(`[data-film="${variant}"]`);
      if (!panel) continue;
      const focused = panel.contains(document.activeElement) && document.activeElement.dataset.key;
      panel.outerHTML = html;
      if (!focused) continue;
      const fresh = document.querySelector(`[data-film="${variant}"]`);
      const same = fresh.querySelector(`[data-key="${focused}"]`);
      if (same) same.focus();
      else {
        fresh.tabIndex = -1;
        fresh.focus();
      }
    }
  }

  function followFilms(actions) {
    let timer;
    const look = async () => {
      clearTimeout(timer);
      const response = document.hidden ? null : await fetch(actions.dataset.films).catch(() => null);
      if (response?.ok && !response.redirected) showPanels(await response.json());
      if (document.querySelector("[data-film-working]")) timer = setTimeout(look, 3000);
    };
    if (document.querySelector("[data-film-working]")) timer = setTimeout(look, 3000);
    return look;
  }

  /* Buttons of the panels, without leaving a page on which something may be half written. */
  function actOnFilms(actions, said, look) {
    actions.addEventListener("submit", async (event) => {
      const button = event.submitter;
      event.preventDefault();
      if (button.dataset.sure && !confirm(button.dataset.sure)) return;
      const data = new FormData(actions);
      data.set("sure", "yes");
      const response = await fetch(button.formAction, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: data,
      }).catch(() => null);
      if (response?.ok && !response.redirected) {
        said.textContent = (await response.json()).said;
        await look();
      } else {
        actions.action = button.formAction; // the page that follows says what is wrong
        HTMLFormElement.prototype.submit.call(actions);
      }
    });
  }

  // --- Preview and poster ---------------------------------------------------------------------

  function chooseMoments(form) {
    const film = form.querySelector("[data-film-moment]");
    const clock = (seconds) => {
      const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
      const two = (number) => String(number).padStart(2, "0");
      const rest = two(Math.floor(seconds) % 60);
      return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
    };
    for (const button of form.querySelectorAll("[data-moment-for]")) {
      const input = document.getElementById(button.dataset.momentFor);
      button.hidden = false;
      button.addEventListener("click", () => {
        input.value = clock(film.currentTime);
        input.dispatchEvent(new Event("input", { bubbles: true }));
      });
    }
    form.querySelector("[data-other-frame]").addEventListener("input", () => {
      form.querySelector("[name=poster][value=other]").checked = true;
    });
  }

  /* The worker needs some seconds: then the page shows what it made. */
  function awaitExtras(form) {
    let times = 0;
    const look = async () => {
      const response = await fetch(location.href).catch(() => null);
      if (response?.ok && !response.redirected) {
        const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
        if (!fresh.querySelector("[data-awaits-film]")) {
          for (const made of form.querySelectorAll("[data-made]")) {
            const anew = fresh.querySelector(`[data-made="${made.dataset.made}"]`);
            if (anew) made.replaceWith(document.adoptNode(anew));
          }
          return;
        }
      }
      if (++times < 60) setTimeout(look, 2000);
    };
    setTimeout(look, 2000);
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-markdown-preview]").forEach(previewWhileTyping);
    const actions = document.getElementById("film-actions");
    if (actions?.dataset.films) {
      actOnFilms(actions, document.querySelector("[data-film-said]"), followFilms(actions));
    }
    const choices = document.querySelector(".film-choices");
    if (choices) chooseMoments(choices);
    if (choices?.matches("[data-awaits-film]")) awaitExtras(choices);
  });
})();
