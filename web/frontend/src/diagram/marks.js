// Marks elements of a diagram as done, current or faulty; each call replaces the marks before it.
const KINDS = ['done', 'current', 'bad'];

export function marker(viewer) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  let marked = [];
  return (state) => {
    marked.forEach(([id, mark]) => canvas.removeMarker(id, mark));
    marked = KINDS.flatMap((kind) => (state[kind] || []).filter((id) => registry.get(id)).map((id) => [id, `tq-mark-${kind}`]));
    marked.forEach(([id, mark]) => canvas.addMarker(id, mark));
  };
}
