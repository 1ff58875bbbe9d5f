// Opens a page in Firefox, plays the film on it as a visitor would, and prints what came of it.
//
//     node watch.mjs '{"firefox": PATH, "address": URL, "cookie": {name, value}, "scripts": true}'
//
// Prints {source, width, seconds, soughtTo, asked, errors} as JSON: what plays in the end, how far
// it came, where it was after a jump, which paths were asked for, and what the page complained of.

import puppeteer from "puppeteer-core";

const PATIENCE = 30_000; // milliseconds for each thing to happen
const { firefox, address, cookie, scripts } = JSON.parse(process.argv[2]);

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: firefox,
  headless: true,
  // The protocol's own command for this is not in Firefox yet. What is evaluated from here runs
  // all the same, as long as it waits for nothing: no promise is kept where scripts are off.
  extraPrefsFirefox: { "javascript.enabled": scripts },
});
try {
  // Of the browser, not of the page: that one is blank yet, and its cookies are of nowhere.
  await browser.setCookie({ ...cookie, domain: new URL(address).hostname, path: "/" });
  console.log(JSON.stringify(await watch(await browser.newPage())));
} finally {
  await browser.close();
}

async function watch(page) {
  const asked = [];
  const errors = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));

  await page.setViewport({ width: 1280, height: 800 });
  await page.goto(address, { waitUntil: "load" });
  const middle = await page.evaluate(() => {
    const film = document.querySelector("video");
    film.scrollIntoView({ block: "center" });
    const { x, y, width, height } = film.getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2 };
  });
  await page.mouse.click(middle.x, middle.y);

  const seconds = await reaches(page, 1);
  const end = await page.evaluate(() => document.querySelector("video").duration);
  await page.evaluate((second) => {
    document.querySelector("video").currentTime = second;
  }, end - 2);
  const soughtTo = await reaches(page, end - 1.5);
  const film = await page.evaluate(() => {
    const { currentSrc, videoWidth } = document.querySelector("video");
    return { source: currentSrc, width: videoWidth };
  });
  return { ...film, seconds, soughtTo, asked, errors };
}

// Where the film is once it has passed that second, or where it stood still.
async function reaches(page, second) {
  const deadline = Date.now() + PATIENCE;
  let now = 0;
  while (now < second && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    now = await page.evaluate(() => document.querySelector("video").currentTime);
  }
  return now;
}
