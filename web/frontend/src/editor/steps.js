// The steps of a drawing: each is the whole list of typed changes, so any can be undone.
export function stepsOf(text) {
  let steps = [read(text)];
  let at = 0;

  return {
    changes: () => steps[at],
    first: () => at === 0,
    last: () => at === steps.length - 1,
    add(next) {
      steps = [...steps.slice(0, at + 1), next];
      at += 1;
    },
    // Whether there was anything to undo, or to do again.
    undo: () => at > 0 && ((at -= 1), true),
    redo: () => at < steps.length - 1 && ((at += 1), true),
  };
}

function read(text) {
  try {
    const value = JSON.parse(text || '[]');
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
