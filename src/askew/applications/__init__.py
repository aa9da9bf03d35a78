"""What the losses are good for beyond detectors: systems of the papers that train a VAE of another kind."""
