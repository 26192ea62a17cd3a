// What the workbench adds: polling lists, keyboard.
import '../css/staff.css';
import './behaviours/keys.js';
import './behaviours/poll.js';
