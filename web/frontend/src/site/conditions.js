// show_if: [data-show-if='{"decision": ["reject"]}'] is hidden until an answer above makes it asked.
// The server ignores hidden questions by itself; this only spares people from reading them.

function given(form, name) {
  const inputs = [...form.elements].filter((input) => input.name === name && input.type !== 'hidden');
  return inputs.flatMap((input) => {
    if (input.type === 'radio' || input.type === 'checkbox') return input.checked ? [input.value] : [];
    return input.closest('[data-show-if][hidden]') ? [] : [input.value];
  });
}

function update(form) {
  for (const field of form.querySelectorAll('[data-show-if]')) {
    const conditions = Object.entries(JSON.parse(field.dataset.showIf));
    const visible = conditions.every(([name, values]) => {
      const source = form.querySelector(`[name="${CSS.escape(name)}"]`);
      if (source && source.closest('[data-show-if][hidden]')) return false;
      return given(form, name).some((value) => values.includes(value));
    });
    field.hidden = !visible;
  }
}

export function followConditions(root) {
  const forms = new Set([...root.querySelectorAll('[data-show-if]')].map((field) => field.closest('form')));
  for (const form of forms) {
    if (!form || form.dataset.conditions) continue;
    form.dataset.conditions = 'on';
    form.addEventListener('change', () => update(form));
    form.addEventListener('rows:changed', () => update(form));
    update(form);
  }
}
