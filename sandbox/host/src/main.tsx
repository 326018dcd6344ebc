// Entry of the page.

import '@fontsource-variable/lexend-deca';
import './styles/index.css';
import { createRoot } from 'react-dom/client';
import { App } from './pages/app';

const place = document.getElementById('root');
if (!place) throw new Error('index.html has no #root');
createRoot(place).render(<App />);
