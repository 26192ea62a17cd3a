import '../css/core.css';
import './htmx.js';
