// The pictures of the film that are shown over the line, at the place somebody points at. The
// player fetches this when somebody is about to watch; what the pictures are is asked for once
// they are looked at.

const { dataset: data } = document.querySelector("[data-player]");

let frames = [];
let from; // the address that they came from: a new pass brings another

export function begin(host) {
  // How the picture of that second is drawn; nothing while it is unknown.
  host.frameAt = (seconds) => {
    if (data.storyboard && from !== data.storyboard) load().then(host.framesCame);
    return frames.findLast((frame) => frame.start <= seconds)?.style;
  };
  host.framesCame(); // somebody points already
}

async function load() {
  from = data.storyboard;
  const url = new URL(from, location);
  const response = await fetch(url).catch(() => null);
  const text = response?.ok ? await response.text() : "";
  const found = text.matchAll(/([\d:.]+) --> .*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g);
  frames = [...found].map(([, start, file, x, y, width, height]) => ({
    start: start.split(":").reduce((sum, part) => 60 * sum + Number(part), 0),
    style: {
      width: `${width}px`,
      height: `${height}px`,
      background: `url("${new URL(file, url)}") -${x}px -${y}px`,
    },
  }));
}
