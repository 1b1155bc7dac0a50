// Our own Chinese for the properties panel (Camunda platform) and for what bpmn-js-i18n leaves out.
// Key: the English words of the library, exactly.
export default {
  // panel
  '<custom type>': '<自定义类型>', '<empty>': '<空>', '<none>': '<无>',
  'Create': '新建', 'Create new ...': '新建…', 'Create new list item': '新增一项', 'Delete item': '删除此项',
  'Toggle list item': '展开或收起此项', 'Toggle section': '展开或收起此组', 'Section contains an error': '此组有错误', 'Section contains edits': '此组有内容',
  'Select an element to edit its properties.': '选中一个元素以编辑其属性。',
  'Multiple elements are selected. Select a single element to edit its properties.': '选中了多个元素。请只选一个元素编辑其属性。',
  'Open documentation': '打开说明', 'Open pop-up editor': '打开大编辑框', 'Opened in editor': '已在编辑框中打开', 'Learn more.': '了解更多。', 'Element documentation': '元素说明',
  'General': '基本', 'Name': '名称', 'ID': '标识', 'Documentation': '说明', 'Process ID': '流程标识', 'Process name': '流程名称', 'Participant Name': '参与者名称',
  'Process documentation': '流程说明', 'Executable': '可执行', 'Version tag': '版本标签', 'Label': '显示名', 'Type': '类型', 'Value': '值', 'Values': '值', 'Key': '键', 'Format': '格式',
  'ID must be a valid QName.': '标识只能用字母、数字、下划线和点，且不以数字开头。', 'ID must be unique.': '标识不能重复。', 'ID must not be empty.': '标识不能为空。',
  'ID must not contain prefix.': '标识不能带前缀。', 'ID must not contain spaces.': '标识不能含空格。',
  'This maps to the process definition key.': '即流程定义的键。',
  // kinds of element, as the panel's head names them
  'Collaboration': '协作', 'Process': '流程', 'Participant': '参与者', 'Lane': '泳道', 'User Task': '人工任务', 'Service Task': '操作（服务任务）', 'Business Rule Task': '决策任务', 'Script Task': '脚本任务', 'Manual Task': '线下任务', 'Send Task': '发送任务', 'Receive Task': '接收任务', 'Task': '任务', 'Call Activity': '调用流程', 'Sub Process': '子流程', 'Event Sub Process': '事件子流程',
  'Exclusive Gateway': '排他网关', 'Parallel Gateway': '并行网关', 'Inclusive Gateway': '包容网关', 'Event Based Gateway': '事件网关', 'Complex Gateway': '复杂网关', 'Sequence Flow': '顺序流', 'Default Flow': '默认流', 'Conditional Flow': '条件流', 'Message Flow': '消息流', 'Association': '关联', 'Text Annotation': '注释', 'Group': '分组', 'Data Object Reference': '数据对象', 'Data Store Reference': '数据存储',
  'Start Event': '开始事件', 'End Event': '结束事件', 'Terminate End Event': '终止事件', 'Intermediate Throw Event': '中间抛出事件', 'Intermediate Catch Event': '中间捕获事件', 'Timer Intermediate Catch Event': '定时等待', 'Message Intermediate Catch Event': '消息等待', 'Timer Boundary Event': '定时边界事件', 'Timer Boundary Event (Non Interrupting)': '定时边界事件（非中断）', 'Message Start Event': '消息开始事件', 'Timer Start Event': '定时开始事件', 'Message End Event': '消息结束事件', 'Error End Event': '错误结束事件',
  'The follow up date as an EL expression (e.g. ${someDate}) or an ISO date (e.g. 2015-06-26T09:54:00).': '跟进日，写表达式（如 ${someDate}）或 ISO 日期（如 2015-06-26T09:54:00）。',
  // assignment
  'User assignment': '办理人', 'Assignment': '办理人', 'Assignee': '指定办理人', 'Candidate groups': '候选岗位', 'Candidate users': '候选人员', 'Due date': '到期日', 'Follow up date': '跟进日', 'Priority': '优先级',
  'Specify more than one group as a comma separated list.': '多个岗位用逗号分隔。', 'Specify more than one user as a comma separated list.': '多个人员用逗号分隔。',
  'The due date as an EL expression (e.g. ${someDate}) or an ISO date (e.g. 2015-06-26T09:54:00).': '到期日，写表达式（如 ${someDate}）或 ISO 日期（如 2015-06-26T09:54:00）。',
  'Initiator': '发起人变量', 'Start initiator': '发起人', 'Candidate starter': '可发起者', 'Candidate starter groups': '可发起的岗位', 'Candidate starter users': '可发起的人员',
  // forms
  'Form': '表单', 'Forms': '表单', 'Form key': '表单键', 'Form fields': '表单栏目', 'Form reference': '表单引用', 'Form ID': '表单标识', 'Custom form key': '自定义表单键', 'Binding': '绑定', 'Business key': '业务键',
  'Camunda Form': 'Camunda 表单', 'Camunda Forms': 'Camunda 表单', 'Embedded or External Task Forms': '嵌入或外部表单', 'Generated Task Forms': '生成的表单', 'Constraints': '约束', 'Default value': '默认值', 'Config': '配置', 'Refers to the process variable name': '即流程变量名',
  'boolean': '布尔', 'date': '日期', 'enum': '枚举', 'long': '整数', 'string': '文字',
  // implementation
  'Implementation': '实现方式', 'Implementation type': '实现方式', 'External': '外部操作', 'External task': '外部任务', 'Topic': '操作名（topic）', 'Expression': '表达式', 'Java class': 'Java 类', 'Delegate expression': '委托表达式', 'Connector': '连接器',
  'Connector ID': '连接器标识', 'Connector inputs': '连接器输入', 'Connector outputs': '连接器输出', 'Result variable': '结果变量', 'Decision reference': '决策引用', 'Decision ID': '决策标识', 'Called decision': '调用的决策', 'DMN decision': 'DMN 决策', 'Map decision result': '决策结果的取法',
  'Called element': '调用的流程', 'Tenant ID': '租户标识', 'Version': '版本', 'Field injection': '字段注入', 'Field injections': '字段注入', 'Delegate Variable Mapping': '变量映射委托',
  'deployment': '随部署', 'latest': '最新版本', 'version': '指定版本', 'versionTag': '版本标签', 'version tag': '版本标签',
  // condition, script, loop
  'Condition': '条件', 'Condition expression': '条件表达式', 'Condition Expression': '条件表达式', 'Script': '脚本', 'Inline script': '内嵌脚本', 'External resource': '外部资源', 'Resource': '资源', 'Script type': '脚本来源',
  'Multi-instance': '多实例', 'Loop cardinality': '循环次数', 'Collection': '集合', 'Element variable': '元素变量', 'Completion condition': '完成条件', 'Completion': '完成',
  // events
  'Timer': '定时', 'Cycle': '循环', 'Date': '时刻', 'Duration': '时长', 'Message': '消息', 'Signal': '信号', 'Error': '错误', 'Errors': '错误', 'Escalation': '升级', 'Link': '链接', 'Compensation': '补偿', 'Event type': '事件类型',
  'Global message reference': '全局消息', 'Global signal reference': '全局信号', 'Global error reference': '全局错误', 'Global escalation reference': '全局升级', 'Code': '代码', 'Code variable': '代码变量', 'Message variable': '消息变量',
  'Throw expression': '抛出条件', 'Wait for completion': '等待完成', 'Activity reference': '活动引用', 'Variable name': '变量名', 'Variable names': '变量名', 'Variable events': '变量事件',
  'A time duration defined as ISO 8601 durations format.': '按 ISO 8601 写的时长。', 'A specific point in time defined as ISO 8601 combined date and time representation.': '按 ISO 8601 写的时刻。', 'A cycle defined as ISO 8601 repeating intervals format.': '按 ISO 8601 写的循环。',
  '15 seconds': '15 秒', '1 hour and 30 minutes': '1 小时 30 分', '14 days': '14 天', 'UTC time': 'UTC 时间', 'Documentation: Timer events': '说明：定时事件',
  // continuations, listeners, mappings
  'Asynchronous continuations': '异步执行', 'Before': '之前', 'After': '之后', 'Asynchronous before': '之前异步', 'Asynchronous after': '之后异步', 'Exclusive': '独占', 'Job execution': '作业执行', 'Retry time cycle': '重试间隔', 'Retries': '重试次数',
  'Execution listeners': '执行监听器', 'Task listeners': '任务监听器', 'Listener type': '监听器类型', 'Listener ID': '监听器标识', 'start': '开始', 'end': '结束', 'take': '经过', 'create': '创建', 'assignment': '指派', 'complete': '办结', 'delete': '删除', 'update': '更新', 'timeout': '超时',
  'Inputs': '输入', 'Outputs': '输出', 'In mappings': '传入映射', 'Out mappings': '传出映射', 'In mapping propagation': '全部传入', 'Out mapping propagation': '全部传出', 'Propagate all variables': '传递全部变量',
  'Input mapping': '输入映射', 'Output mapping': '输出映射', 'Local': '本地', 'Local variable name': '局部变量名', 'Assignment type': '赋值方式', 'Variable assignment value': '变量值', 'Source': '来源', 'Source expression': '来源表达式', 'Target': '目标', 'Scope': '范围',
  'List': '列表', 'List values': '列表值', 'Map': '映射', 'Map entries': '映射项', 'String': '文字', 'String or expression': '文字或表达式', 'Start typing "${}" to create an expression.': '输入“${}”写表达式。',
  'Extension properties': '扩展属性', 'Properties': '属性', 'Process variables': '流程变量', 'Created in': '创建于', 'Process Variables': '流程变量',
  'History cleanup': '历史清理', 'Time to live': '保留天数', 'Tasklist': '任务列表', 'Startable': '可由人发起', 'External form reference': '外部表单引用',
  'Number of days before this resource is being cleaned up. If specified, takes precedence over the engine configuration.': '此资源保留的天数；填写后优先于引擎的设置。',
  'Specify more than one variable change event as a comma separated list. Variable change events are:': '多个变量事件用逗号分隔。变量事件有：',
  ' or ': ' 或 ',
  // canvas
  ' + shift + ': ' + Shift + ', 'Ad-hoc sub-process': '临时子流程', 'Align elements': '对齐元素', 'Align elements ': '对齐元素', 'Change element': '更改元素', 'Distribute elements horizontally': '水平分布', 'Distribute elements vertically': '垂直分布',
  'Create user task': '新建人工任务', 'Append user task': '接一个人工任务',
  'Toggle non-interrupting': '切换非中断', 'Event based instantiating Gateway': '基于事件的实例化网关', 'Parallel Event based instantiating Gateway': '并行的基于事件的实例化网关',
};
