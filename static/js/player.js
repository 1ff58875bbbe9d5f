// The film's own controls. Without this script the browser draws its own over the same sources,
// captions and poster. hls.js comes along when somebody is about to watch, and only where it helps.

const player = document.querySelector("[data-player]");
const video = player.querySelector("video");
const data = player.dataset;
const find = (name) => player.querySelector(`[data-${name}]`);
const on = (target, types, act) => {
  for (const type of types.split(" ")) target.addEventListener(type, act);
};

// --- What this browser keeps: its reader's habits, and what they set for each film ---------------

const kept = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return {};
  }
};
const habits = kept("player");
const film = data.film ? kept(`film:${data.film}`) : {};
const own = document.querySelector("form[data-progress]"); // a member's: the site keeps their place

function remember() {
  try {
    localStorage.setItem("player", JSON.stringify(habits));
    if (data.film && Object.keys(film)[0]) localStorage.setItem(`film:${data.film}`, JSON.stringify(film));
  } catch {} // full, or not allowed: then nothing is kept
}

// --- Time ---------------------------------------------------------------------------------------

let wanted = null; // the second to go to once there is a film
const length = () => (video.duration > 0 ? video.duration : Number(data.length));
const place = () => wanted ?? video.currentTime;

function clock(seconds) {
  const [h, m, s] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  const two = (number) => String(number).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const titled = (time, seconds) => [time, host.titleAt(seconds)].filter(Boolean).join(" · ");

function seek(seconds) {
  const to = Math.max(0, Math.min(seconds, length() - 0.1));
  if (video.readyState) video.currentTime = to;
  else wanted = to;
  paint();
  tell();
}

const skip = (seconds) => seek(host.moved(place(), seconds));

// --- What comes along when somebody is about to watch ------------------------------------------------

/** What the player's parts may use of it, and what they put here for it and for each other. */
const host = {
  habits,
  film,
  remember,
  length,
  place,
  seek,
  play,
  fail,
  hold: () => (wanted = place()),
  titleAt: () => "", // of the chapter at a second
  frameAt: () => null, // the style of the picture at a second
  framesCame: () => tip.hidden || showTip(shown),
  moved: (from, seconds) => from + seconds, // where that many seconds on or back lead
  skips: () => false, // whether a second is not going to be played
  skipped: [], // [start, end] of what was left out, until "progress" takes it
  loop: null, // the chapter that is played over and over
};
const parts = {};

/** One of the scripts that the markup names; nothing where there is none or it could not be had. */
function part(name) {
  if (!data[name]) return;
  parts[name] ??= import(data[name]).then(
    (its) => {
      its.begin(host);
      return its;
    },
    () => (parts[name] = null),
  );
  return parts[name];
}

async function prepare() {
  part("chapters");
  part("frames");
  (await part("stream"))?.prepare(); // without it the browser plays alone
}

// --- The film itself -------------------------------------------------------------------------------

async function play() {
  say("");
  find("loading").hidden = video.readyState > 2;
  part("chapters");
  if (data.version) {
    const version = await part("version");
    if (!version) return fail("network"); // it would play what somebody avoids
    if (version.stops()) {
      find("loading").hidden = true;
      return;
    }
  }
  await (await part("stream"))?.start();
  await video.play().catch(() => {}); // stopped meanwhile, or not allowed: the button shows it
  if (video.paused) find("loading").hidden = true;
}

function say(problem) {
  for (const sentence of player.querySelectorAll("[data-problem]")) {
    sentence.hidden = sentence.dataset.problem !== problem;
  }
  if (problem) find("resume").hidden = true; // it stands in the same place
}

function fail(problem) {
  video.pause();
  find("loading").hidden = true;
  say(problem);
}

async function retry() {
  const stream = await part("stream");
  if (stream) stream.reload(true);
  else play();
}

// --- Captions: drawn here, for a mirrored picture would turn the browser's round -------------------

const tracks = [...video.textTracks].filter(({ kind }) => kind === "captions");
const isDrawn = "requestFullscreen" in player; // else full screen is the browser's, captions too
const hasCaptions = (language) => tracks.some((track) => track.language === language);

function showCaptions(language) {
  for (const track of tracks) {
    track.mode = track.language !== language ? "disabled" : isDrawn ? "hidden" : "showing";
  }
  find("set=captions").value = language;
  find("do=captions").ariaPressed = language !== "";
  drawCaptions();
}

function chooseCaptions(language) {
  habits.captions = language;
  if (language) habits.lastCaptions = language;
  remember();
  showCaptions(language);
}

function toggleCaptions() {
  const last = hasCaptions(habits.lastCaptions) ? habits.lastCaptions : tracks[0]?.language;
  if (last) chooseCaptions(find("set=captions").value ? "" : last);
}

function drawCaptions() {
  const track = tracks.find(({ mode }) => mode === "hidden");
  const cues = [...(track?.activeCues ?? [])].map((cue) => {
    const words = document.createElement("span");
    words.append(cue.getCueAsHTML());
    return words;
  });
  find("captions").lang = track?.language ?? "";
  find("captions").replaceChildren(...cues);
}

// --- Quality, speed, sound, mirror ----------------------------------------------------------------

const chooseQuality = async (choice) => (await part("stream"))?.chooseQuality(choice);

function setSpeed(speed) {
  video.playbackRate = video.defaultPlaybackRate = habits.speed = Number(speed);
}

function setVolume(volume) {
  video.muted = false;
  video.volume = habits.volume = Number(volume);
}

function mirror(isMirrored) {
  film.mirror = find("set=mirror").checked = isMirrored;
  player.toggleAttribute("data-mirrored", isMirrored);
}

// --- What it looks like ---------------------------------------------------------------------------

const line = find("line");
let isDragging = false;

function paint() {
  const all = length();
  const share = (seconds) => `${all ? (100 * seconds) / all : 0}%`;
  if (!isDragging) {
    line.max = all;
    line.value = place();
  }
  const at = isDragging ? Number(line.value) : place();
  let loaded = 0;
  for (let i = 0; i < video.buffered.length; i++) {
    if (video.buffered.start(i) <= at && at <= video.buffered.end(i)) loaded = video.buffered.end(i);
  }
  line.style.setProperty("--played", share(at));
  line.style.setProperty("--loaded", share(loaded));
  find("time").textContent = all ? `${clock(at)} / ${clock(all)}` : "";
}

/** Said when somebody moves, not while it plays: nobody wants a clock read out. */
function tell() {
  const [at, all] = [clock(place()), clock(length())];
  const text = line.dataset.text.replace("{at}", at).replace("{length}", all);
  line.ariaValueText = titled(text, place());
}

function label(button, isOn) {
  button.toggleAttribute("data-on", isOn);
  button.ariaLabel = isOn ? button.dataset.labelOn : button.dataset.labelOff;
}

function show() {
  label(find("do=play"), !video.paused);
  label(find("do=mute"), video.muted || !video.volume);
  label(find("do=full"), Boolean(document.fullscreenElement));
  find("set=volume").value = video.muted ? 0 : video.volume;
  wake();
}

let idle;
function wake() {
  player.removeAttribute("data-idle");
  clearTimeout(idle);
  idle = setTimeout(() => player.toggleAttribute("data-idle", !video.paused), 3000);
}

// --- The picture at a place of the line -------------------------------------------------------------

const tip = find("tip");
let shown; // the second

function showTip(seconds) {
  shown = seconds;
  const style = host.frameAt(seconds);
  find("frame").hidden = !style;
  Object.assign(find("frame").style, style);
  find("tip-time").textContent = titled(clock(seconds), seconds);
  tip.hidden = !length();
  const middle = (line.offsetWidth * seconds) / length() - tip.offsetWidth / 2;
  tip.style.left = `${Math.max(0, Math.min(middle, line.offsetWidth - tip.offsetWidth))}px`;
}

on(line, "pointermove", ({ clientX }) => {
  const { left, width } = line.getBoundingClientRect();
  showTip(Math.max(0, Math.min(1, (clientX - left) / width)) * length());
});
on(line, "pointerleave blur", () => (tip.hidden = true));
on(line, "focus", tell);
on(line, "input", () => {
  isDragging = true;
  paint();
  showTip(Number(line.value));
});
on(line, "change", () => {
  isDragging = false;
  seek(Number(line.value));
});

// --- Buttons and keys -------------------------------------------------------------------------------

const chapters = async (act, choice) => (await part("chapters"))?.[act](choice);
const doing = {
  play: () => (video.paused ? play() : video.pause()),
  back: () => skip(-10),
  forward: () => skip(10),
  previous: () => chapters("step", -1),
  next: () => chapters("step", 1),
  mute: () => (video.muted = !video.muted),
  captions: toggleCaptions,
  mirror: () => mirror(!film.mirror),
  keys: () => find("keys").togglePopover(),
  small: () =>
    document.pictureInPictureElement
      ? document.exitPictureInPicture()
      : video.requestPictureInPicture().catch(() => {}),
  full: () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (isDrawn) player.requestFullscreen();
    else video.webkitEnterFullscreen?.();
  },
  restart: () => {
    seek(0);
    play();
  },
  retry,
  file: async () => {
    find("set=quality").value = "file";
    await chooseQuality("file");
    play();
  },
};
const setting = {
  captions: chooseCaptions,
  quality: chooseQuality,
  speed: setSpeed,
  volume: setVolume,
  mirror: (_, isOn) => mirror(isOn),
  loop: () => chapters("loopHere"),
};
const keys = {
  k: doing.play,
  " ": doing.play,
  j: doing.back,
  l: doing.forward,
  arrowleft: () => skip(-5),
  arrowright: () => skip(5),
  m: doing.mute,
  c: toggleCaptions,
  n: doing.next,
  p: doing.previous,
  o: setting.loop,
  f: doing.full,
  r: doing.mirror,
  "?": doing.keys,
};

on(player, "click", ({ target }) => doing[target.closest("[data-do]")?.dataset.do]?.());
on(player, "input", ({ target: { dataset, value, checked } }) => setting[dataset.set]?.(value, checked));
on(player, "click input", remember);

// Only while the focus is in the player: elsewhere these letters belong to whoever types.
on(player, "keydown", (event) => {
  const { key, target } = event;
  const isTaken =
    target.matches("select") ||
    (key === " " && target.matches("button, summary, a, [type=checkbox]")) ||
    (key.startsWith("Arrow") && target.matches('[data-set="volume"]'));
  const act = keys[key.toLowerCase()];
  if (!act || isTaken || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  act();
  if (target === line) showTip(place());
});

// A finger brings the controls and takes them away; a mouse, whose move has brought them, plays.
let wasIdle = false;
player.addEventListener("pointerdown", () => (wasIdle = "idle" in data), true);
on(video, "click", ({ pointerType }) => {
  player.focus({ preventScroll: true });
  if (pointerType !== "touch" || video.paused) doing.play();
  else player.toggleAttribute("data-idle", !wasIdle);
});
on(video, "dblclick", doing.full);

// Places that the page names: timeline, transcript, and links to a second of the film. They say
// nothing of a preview, which is a film of its own.
const second = (address) => data.film && /[?#&]t=(\d+(\.\d+)?)/.exec(address)?.[1];

function go(seconds) {
  seek(Number(seconds));
  play();
  player.scrollIntoView({ block: "nearest" });
}

on(document, "click", (event) => {
  const link = event.target.closest("[data-t]");
  if (!link || !data.film || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.dataset.t);
});
on(window, "hashchange", () => second(location.hash) && go(second(location.hash)));

// --- Begin ------------------------------------------------------------------------------------------

on(player, "pointermove pointerdown keydown focusin", wake);
for (const area of document.querySelectorAll("[data-player], [data-timeline]")) {
  on(area, "pointerenter focusin", prepare);
}
on(video, "play pause volumechange", show);
on(document, "fullscreenchange", show);
on(window, "online", () => find("problem=network").hidden || retry());
on(video, "timeupdate progress durationchange emptied", paint);
on(video, "waiting", () => {
  find("loading").hidden = false;
  if (!navigator.onLine) fail("network");
});
on(video, "canplay", () => (find("loading").hidden = true));
on(video, "playing", () => {
  find("loading").hidden = true;
  find("resume").hidden = true;
  say("");
});
on(video, "play", () => {
  player.setAttribute("data-started", "");
  part("progress");
});
on(video, "loadedmetadata", () => {
  if (wanted !== null) video.currentTime = wanted;
  wanted = null;
});
on(video, "pause ended", remember);
on(window, "pagehide", remember);
for (const track of tracks) on(track, "cuechange", drawCaptions);

wanted = Number(second(location.hash) ?? second(location.search) ?? NaN);
if (Number.isNaN(wanted)) {
  const at = Number(own ? own.dataset.second : film.at);
  wanted = at > 9 ? at - 5 : null;
  find("resume").hidden = wanted === null;
  find("resume-at").textContent = clock(at || 0);
}
if (habits.speed) setSpeed((find("set=speed").value = habits.speed));
if (habits.volume) setVolume(habits.volume);
if (film.mirror) mirror(true);
if (tracks.length) {
  const first = habits.captions ?? tracks.find(({ mode }) => mode === "showing")?.language;
  showCaptions(hasCaptions(first) ? first : "");
}
find("do=small").hidden = !document.pictureInPictureEnabled;
find("bar").hidden = false;
video.removeAttribute("controls");
show();
paint();
tell();
part("version"); // its choice stands on the page
