/* Passkeys: a form marked data-asks-passkey asks the browser for one before it is sent. */

{
  let inField = null; // the browser's offer in the field for the address, until a button is pressed

  const tell = (failed) => {
    for (const element of document.querySelectorAll("[data-passkey-failed]")) element.hidden = !failed;
  };

  // What the server asks stands in the page, or is fetched: on the page for signing in that keeps
  // visitors who only look from having a session.
  async function questionOf(form) {
    const inPage = document.getElementById(form.dataset.asksPasskey);
    if (inPage) return JSON.parse(inPage.textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  }

  function make(form, options) {
    const alone = form.elements.passwordless;
    if (alone) {
      Object.assign(options.publicKey.authenticatorSelection, {
        residentKey: alone.checked ? "required" : "discouraged",
        requireResidentKey: alone.checked,
        ...(alone.checked && { userVerification: "required" }),
      });
    }
    return webauthnJSON.create(options);
  }

  async function ask(form, further = {}) {
    const question = await questionOf(form);
    const credential = question.creation_options
      ? await make(form, question.creation_options)
      : await webauthnJSON.get({ ...question.request_options, ...further });
    form.elements.credential.value = JSON.stringify(credential);
    form.submit(); // fires no "submit", so that it is not asked again
  }

  async function offerInField(form) {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    inField = new AbortController();
    await ask(form, { mediation: "conditional", signal: inField.signal });
  }

  for (const form of document.querySelectorAll("form[data-asks-passkey]")) {
    let asking = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (asking) return;
      asking = true;
      tell(false);
      inField?.abort(); // a browser answers one question at a time
      await ask(form).catch(() => tell(true));
      asking = false;
    });
    // Nobody has pressed anything yet, so nothing is said when it comes to nothing.
    if ("offersInField" in form.dataset && "PublicKeyCredential" in window) {
      offerInField(form).catch(() => {});
    }
  }
}
