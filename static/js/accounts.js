/* Sign-in, sign-up and profile: conveniences over pages that work without them. */

// A password can be shown, so that nobody needs to type it twice.
for (const label of document.querySelectorAll("[data-show-password]")) {
  const inputs = label.closest("form").querySelectorAll('input[type="password"]');
  label.hidden = false;
  label.addEventListener("change", (event) => {
    for (const input of inputs) input.type = event.target.checked ? "text" : "password";
  });
  // A password manager and the browser's history should see a password leave, not a text.
  label.closest("form").addEventListener("submit", () => {
    for (const input of inputs) input.type = "password";
  });
}

// The clock a new member lives by.
for (const input of document.querySelectorAll("input[data-time-zone]")) {
  input.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

// Passkeys need this browser's help, and a site with a name: an IP address can hold none. What
// offers them shows only where they can be had.
const passkeys = "PublicKeyCredential" in window && !/^[\d.]+$|:/.test(location.hostname);
for (const element of document.querySelectorAll("[data-passkey]")) {
  element.hidden = !passkeys;
  element.classList.toggle("passkey-none", !passkeys);
}
for (const element of document.querySelectorAll("[data-no-passkey]")) element.hidden = passkeys;
