// show_if: [data-show-if='{"decision": ["reject"]}'] is hidden until an answer above makes it asked.
// The server ignores hidden questions by itself; this only spares people from reading them.

// As the server has it (forms/conditions.py): no answer, or a question that is not asked itself, counts as ''.
function given(form, name) {
  const asked = [...form.elements].filter((input) => input.name === name && input.type !== 'hidden' && !input.closest('[data-show-if][hidden]'));
  const chosen = asked.filter((input) => (input.type !== 'radio' && input.type !== 'checkbox') || input.checked);
  return chosen.length ? chosen.map((input) => input.value) : [''];
}

function update(form) {
  for (const field of form.querySelectorAll('[data-show-if]')) {
    const conditions = Object.entries(JSON.parse(field.dataset.showIf));
    field.hidden = !conditions.every(([name, values]) => given(form, name).some((value) => values.includes(value)));
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
