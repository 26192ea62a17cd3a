import htmx from 'htmx.org';

// Strict CSP: nothing evaluated, no style element injected. Inheritance is off so that each element says all it does.
Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  disableInheritance: true,
  historyCacheSize: 0,
  scrollBehavior: 'auto',
  responseHandling: [
    { code: '204', swap: false },
    { code: '[23]..', swap: true },
    { code: '422', swap: true },
    { code: '[45]..', swap: true, error: true },
  ],
});

export default htmx;
