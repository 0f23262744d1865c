"""Messages from and to platforms: what every channel shares, whatever it speaks on the wire."""
