// What the map shows stays in the page's address: the parcel and the day as ?parcel= and ?day=, the view after #.
export const asked = () => Object.fromEntries(new URLSearchParams(window.location.search));

export function put(changes) {
  const address = new URL(window.location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  window.history.replaceState(null, '', address);
}

// #<metres a point>/<east>/<north>/<switches that are off, and `basic` when it is on>
export function readView() {
  const [resolution, east, north, layers] = window.location.hash.slice(1).split('/');
  const [r, x, y] = [resolution, east, north].map(Number);
  return r > 0 && x > 0 && y > 0 ? { resolution: r, center: [x, y], layers: (layers || '').split(',').filter(Boolean) } : null;
}

export function putView(view, layers) {
  const [x, y] = view.getCenter();
  const hash = [view.getResolution().toPrecision(4), x.toFixed(1), y.toFixed(1), layers.join(',')].join('/');
  window.history.replaceState(null, '', `${window.location.pathname}${window.location.search}#${hash}`);
}
