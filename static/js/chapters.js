// The chapters of the film: which one plays, their marks on the line, from one to the next, and one
// of them over and over. The timeline on the page says what they are. The player fetches this when
// somebody is about to watch. A link to another film of the class may have `data-places`: JSON of
// [start, end, there], where a chapter of this film is and where that film has the same exercise.

const player = document.querySelector("[data-player]");
const video = player.querySelector("video");
const timeline = document.querySelector("[data-timeline]");
const checkbox = player.querySelector('[data-set="loop"]');
const name = player.querySelector("[data-chapter]");
const LEAD = 0.1; // seconds before its end at which a chapter begins again

const chapters = [...timeline.querySelectorAll("[data-start]")].map((item) => ({
  start: Number(item.dataset.start),
  end: Number(item.dataset.end),
  title: item.querySelector("[data-title]").textContent.trim(),
  isAvoided: "avoid" in item.dataset,
  item,
  link: item.querySelector("[data-t]"),
  button: item.querySelector("[data-loop]"),
}));

let host; // the player
let current;
let timer;

const chapterAt = (second) => chapters.find(({ start, end }) => start <= second && second < end);

export function begin(itsHost) {
  host = itsHost;
  host.titleAt = (second) => chapterAt(second)?.title;
  drawMarks();
  for (const chapter of chapters) {
    chapter.button?.addEventListener("click", () => loop(host.loop === chapter ? null : chapter));
    chapter.button?.toggleAttribute("hidden", false);
  }
  for (const type of ["timeupdate", "seeking", "loadedmetadata", "playing"]) {
    video.addEventListener(type, follow);
  }
  video.addEventListener("seeking", leave);
  for (const type of ["timeupdate", "seeked", "ratechange", "playing"]) {
    video.addEventListener(type, turn);
  }
  video.addEventListener("ended", again);
  show();
  follow();
}

// --- The one that plays -----------------------------------------------------------------------------

function follow() {
  const chapter = video.readyState || host.place() ? chapterAt(host.place()) : undefined;
  if (chapter === current) return;
  for (const { link } of chapters) link.removeAttribute("aria-current"); // the page may have one
  current = chapter;
  current?.link.setAttribute("aria-current", "true");
  name.textContent = current?.title ?? "";
  for (const link of document.querySelectorAll("[data-places]")) keepPlace(link);
}

/** Where another film of the class has the same exercise, the link to it leads there. */
function keepPlace(link) {
  const places = JSON.parse(link.dataset.places);
  const [, , there] = places.find(([start]) => start === current?.start) ?? [];
  const address = new URL(link.href);
  if (there === undefined) address.searchParams.delete("t");
  else address.searchParams.set("t", there);
  address.hash = there === undefined ? "" : `t=${there}`;
  link.href = address;
}

function drawMarks() {
  const marks = document.createElement("div");
  marks.className = "player-marks";
  for (const { start, end, isAvoided } of chapters) {
    const mark = document.createElement("span");
    mark.toggleAttribute("data-avoid", isAvoided);
    mark.style.left = `${(100 * start) / host.length()}%`;
    mark.style.width = `${(100 * (end - start)) / host.length()}%`;
    marks.append(mark);
  }
  player.querySelector("[data-line]").after(marks);
}

// --- From one to the next ---------------------------------------------------------------------------

/** To the next chapter (1) or back (-1): to the beginning of this one, or of the one before. */
export function step(way) {
  const at = host.place();
  const isWanted = ({ start }) => (way > 0 ? start > at : start < at - 2) && !host.skips(start);
  const to = way > 0 ? chapters.find(isWanted) : chapters.findLast(isWanted);
  if (to) host.seek(to.start);
  else if (way < 0) host.seek(0);
}

// --- Over and over ----------------------------------------------------------------------------------

/** The chapter that is on, or no longer. */
export function loopHere() {
  loop(host.loop ? null : chapterAt(host.place()));
}

function loop(chapter) {
  host.loop = chapter ?? null;
  show();
  if (!chapter) return;
  if (chapterAt(host.place()) !== chapter) host.seek(chapter.start);
  if (host.loop === chapter && video.paused) host.play();
}

function show() {
  checkbox.checked = Boolean(host.loop);
  for (const chapter of chapters) chapter.button?.setAttribute("aria-pressed", host.loop === chapter);
}

function turn() {
  clearTimeout(timer);
  if (!host.loop || video.paused || video.seeking) return;
  const left = Math.min(host.loop.end, host.length()) - LEAD - host.place();
  if (left <= 0) host.seek(host.loop.start);
  else if (left < 2) timer = setTimeout(turn, Math.max(20, (1000 * left) / video.playbackRate));
}

function again() {
  if (!host.loop) return;
  host.seek(host.loop.start);
  host.play();
}

/** Who goes elsewhere has done with it. */
function leave() {
  const at = host.place();
  if (host.loop && (at < host.loop.start - LEAD || at >= host.loop.end)) loop(null);
}
