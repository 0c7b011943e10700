"""Puts the bot together: settings, command line, Telegram application, playground."""
