import { render } from 'preact';
import { App } from './app.js';
import './style/page.css';
import { apply } from './theme.js';

apply();
const root = document.getElementById('app')!;
root.replaceChildren();
render(<App />, root);
