// The few words that scripts say themselves, in the page's language.
const WORDS = {
  draft_saved: ['草稿已保存 {0}', 'Draft saved {0}'],
  draft_failed: ['草稿未能保存，请不要关闭页面，稍后会再试', 'The draft could not be saved; keep this page open'],
  loading: ['正在载入…', 'Loading…'],
  load_failed: ['载入失败：{0}。请刷新页面再试', 'Could not load: {0}. Reload the page to try again'],
  saving: ['正在保存…', 'Saving…'],
  saved: ['已保存 {0}', 'Saved {0}'],
  unsaved: ['有未保存的修改', 'There are unsaved changes'],
  save_failed: ['保存失败：{0}', 'Could not save: {0}'],
  stale: ['他人已保存过这份模型。请下载您的修改，刷新后再合并', 'Someone else has saved this model. Download your changes, reload and merge them'],
  signed_out: ['登录已失效。请在另一个窗口登录后再试，这里的修改还在', 'You have been signed out. Sign in in another window and try again; your changes are still here'],
  check_failed: ['没能检查：{0}', 'Could not check: {0}'],
  checking: ['正在检查…', 'Checking…'],
  no_problems: ['没有发现问题', 'No problems found'],
  problems: ['发现 {0} 个问题', '{0} problem(s) found'],
  error: ['错误', 'Error'],
  warning: ['提醒', 'Warning'],
  colon: ['：', ': '],
  step: ['第 {0} 步，共 {1} 步', 'Step {0} of {1}'],
  map: ['地图', 'Map'],
  zoom_in: ['放大', 'Zoom in'],
  zoom_out: ['缩小', 'Zoom out'],
  zoom_all: ['显示全部', 'Show all'],
  more_parcels: ['这里地块太多，没有画全；放大后会显示其余地块', 'Too many parcels to draw here; zoom in to see the rest'],
  parcels_of: ['{0} 块 {1} 亩', '{0} parcels, {1} mu'],
  choose_parcel: ['点图上的地块，或从列表里选一块', 'Choose a parcel on the map or in the list'],
  no_parcel_then: ['那一天没有这块地', 'There was no such parcel on that day'],
  before_after: ['左右移动，比较前后两天的地图', 'Move left and right to compare the map of the two days'],
  today: ['今天', 'today'],
  east_north: ['东 {0}  北 {1}', 'E {0}  N {1}'],
  held_inside: ['范围内有 {0} 块在办业务占用的地块', '{0} parcel(s) held by open cases in the area'],
  no_parcels: ['没有可显示的地块', 'There are no parcels to show'],
};

export const chinese = () => !document.documentElement.lang.startsWith('en');

export function say(key, ...facts) {
  return WORDS[key][chinese() ? 0 : 1].replace(/\{(\d)\}/g, (_, n) => String(facts[n] ?? ''));
}
