// Every page: small improvements; nothing here is needed to use the pages.
import { Button, CharacterCount, ErrorSummary, NotificationBanner, SkipLink, createAll } from 'govuk-frontend';
import htmx from 'htmx.org';
import { followConditions } from './site/conditions.js';
import { keepDrafts } from './site/drafts.js';
import { listKeys } from './site/keys.js';
import { signOnPads } from './site/pad.js';
import { editRows } from './site/rows.js';
import { uploadInParts } from './site/uploads.js';

window.htmx = htmx;
document.documentElement.classList.add('tq-js');

function improve(root) {
  followConditions(root);
  editRows(root);
  signOnPads(root);
  keepDrafts(root);
  uploadInParts(root);
}

for (const Component of [Button, CharacterCount, ErrorSummary, NotificationBanner, SkipLink]) createAll(Component);
improve(document);
listKeys();
document.addEventListener('htmx:afterSettle', (event) => improve(event.target));
document.addEventListener('htmx:configRequest', (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) event.detail.headers['X-CSRFToken'] = token.content;
});
