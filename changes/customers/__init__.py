"""What can be done with customers themselves: register, update, status, verification, restriction."""
