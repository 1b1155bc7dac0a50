// bpmn-js in Chinese: the bpmn-js-i18n list, completed by our own words for the properties panel.
import theirs from 'bpmn-js-i18n/translations/zn.js';
import { chinese } from '../words.js';
import ours from './zh.js';

const known = { ...theirs, ...ours };

function translate(template, facts = {}) {
  const text = chinese() ? known[template] || template : template;
  return text.replace(/{([^}]+)}/g, (_, key) => (key in facts ? facts[key] : `{${key}}`));
}

export const translation = () => ({ translate: ['value', translate] });
