output "function" {
  description = "The function, with all its attributes."
  value       = aws_lambda_function.server
}
