// Everything a resident's page needs. Each behaviour finds its elements by a data- attribute and listens on the document,
// so parts that htmx swaps in work without being told. Every page works without this file.
import '../css/core.css';
import './htmx.js';
import './behaviours/dialog.js';
import './behaviours/forms.js';
import './behaviours/live.js';
import './behaviours/network.js';
import './behaviours/outbox.js';
import './behaviours/toast.js';

document.documentElement.classList.add('hy-js');
