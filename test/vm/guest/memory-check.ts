import './memory/caps.ts';
