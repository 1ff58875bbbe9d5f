// Where the film comes from: hls.js, or what the browser plays by itself; and what to do when it
// stops. The player fetches this when somebody is about to watch.

const player = document.querySelector("[data-player]");
const video = player.querySelector("video");
const data = player.dataset;
const HLS = "application/vnd.apple.mpegurl";

let host; // the player's habits, and its functions place, hold, play and fail
let sources = [...video.querySelectorAll("source")].map(({ src, type }) => ({
  url: src.split("#")[0], // the place that a page was asked for holds for its first start only
  type,
}));
let hls = null;
let script = null;
let isFetching = false; // hls.js has been told from which second on
let isOneFile = false; // somebody asked for the MP4
let hasRecovered = false;

const playlist = () => sources.find(({ type }) => type === HLS)?.url;

// Safari plays HLS better than a script does. Elsewhere the browser's own would not adapt to the
// line, if it plays at all.
const isForScript = () =>
  data.hls && playlist() && !isOneFile && !("ManagedMediaSource" in window && video.canPlayType(HLS));

export function begin(itsHost) {
  host = itsHost;
  // A browser that plays by itself does not say why it stopped. A pass that ran out is likeliest.
  const stopped = ({ target }) => !hls && target.matches("video, source:last-of-type") && renew();
  video.addEventListener("error", stopped, true); // in <source> it does not bubble
  video.addEventListener("playing", () => (hasRecovered = false));
}

/** Fetch what it takes to play, but nothing of the film yet. What plays already goes on as it is. */
export async function prepare() {
  if (hls || video.readyState || !isForScript()) return;
  await (script ??= import(data.hls).catch(() => (script = null)));
  if (!hls && !video.readyState && isForScript() && window.Hls?.isSupported()) attach();
}

/** Fetch the film itself, from the place where it is to begin. */
export async function start() {
  await prepare();
  if (hls && !isFetching) hls.startLoad(host.place() || -1);
  isFetching = true;
}

/** Begin again from the sources as they are now, at the same second. */
export function reload(isPlaying = !video.paused) {
  host.hold();
  if (hls && isOneFile) {
    hls.destroy();
    hls = null;
  }
  if (hls) open();
  else if (isForScript() && window.Hls?.isSupported()) attach();
  else video.src = (!isOneFile && video.canPlayType(HLS) && playlist()) || sources.at(-1).url;
  if (isPlaying) host.play();
}

function attach() {
  hls = new Hls({
    autoStartLoad: false,
    enableWorker: false, // the content policy allows none
    capLevelToPlayerSize: true,
    maxBufferLength: 20, // seconds: who leaves soon has not fetched the film for nothing
    maxMaxBufferLength: 30,
    backBufferLength: 30,
    // Of a line that is not known yet the least is asked first: at 900 kbit/s its first picture
    // came after 8 seconds, that of 480p after 14.
    ...(host.habits.bandwidth ? { abrEwmaDefaultEstimate: host.habits.bandwidth } : { startLevel: 0 }),
  });
  hls.on(Hls.Events.MANIFEST_PARSED, offerQualities);
  hls.on(Hls.Events.FRAG_BUFFERED, () => {
    host.habits.bandwidth = Math.round(hls.bandwidthEstimate);
  });
  hls.on(Hls.Events.ERROR, (_, { fatal, type, response }) => {
    if ([401, 403, 404].includes(response?.code)) renew();
    else if (fatal && type === Hls.ErrorTypes.MEDIA_ERROR && !hasRecovered) {
      hasRecovered = true;
      hls.recoverMediaError();
    } else if (fatal) host.fail(type === Hls.ErrorTypes.NETWORK_ERROR ? "network" : "broken");
  });
  open();
}

function open() {
  isFetching = false;
  hls.detachMedia();
  hls.loadSource(playlist());
  hls.attachMedia(video);
}

// --- Quality --------------------------------------------------------------------------------------

const quality = player.querySelector('[data-set="quality"]');

function offerQualities() {
  const chosen = quality.value;
  for (const option of quality.querySelectorAll("[data-level]")) option.remove();
  hls.levels.forEach(({ width, height }, level) => {
    const option = new Option(`${Math.min(width, height)}p`, level);
    option.dataset.level = "";
    quality.options[0].after(option); // the largest first
  });
  quality.value = chosen;
  if (chosen >= 0) hls.nextLevel = Number(chosen);
}

/** "file" for the MP4, -1 for what suits the line, or one of the levels. */
export function chooseQuality(choice) {
  const wasOneFile = isOneFile;
  isOneFile = choice === "file";
  if (isOneFile !== wasOneFile) reload();
  else if (hls) hls.nextLevel = Number(choice);
}

// --- A new pass, or words ---------------------------------------------------------------------------

let isRenewing = false;
let renewedAt = -Infinity;

async function renew() {
  if (isRenewing) return;
  if (!data.pass || performance.now() - renewedAt < 20_000) {
    host.fail(navigator.onLine ? "broken" : "network"); // a new pass would be no help, or was none
    return;
  }
  isRenewing = true;
  const wasPlaying = !video.paused; // a moment after an error, browsers pause
  const response = await fetch(data.pass).catch(() => null);
  const answer = await response?.json().catch(() => null);
  isRenewing = false;
  if (response?.ok && answer) {
    renewedAt = performance.now();
    sources = answer.sources;
    data.storyboard = answer.storyboard;
    for (const track of video.querySelectorAll("track")) {
      const fresh = answer.tracks.find(({ language }) => language === track.srclang);
      if (fresh && track.readyState !== HTMLTrackElement.LOADED) track.src = fresh.url;
    }
    reload(wasPlaying || !video.paused); // or somebody pressed play meanwhile
  } else if (answer?.message) {
    player.querySelector("[data-words]").textContent = answer.message;
    player.querySelector("[data-way]").href = answer.href;
    host.fail("refused");
  } else host.fail("network");
}
