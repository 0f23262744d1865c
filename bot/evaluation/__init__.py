"""How well messages are understood: files of labelled messages, figures, pictures, and two models side by side."""
