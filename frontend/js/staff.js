import '../css/staff.css';
