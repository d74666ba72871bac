# Writes distillation.json: PyTorch's loss and gradient of a student's logits, at several temperatures.
# Run: python3 distillation.py > distillation.json
import json
import torch
import torch.nn.functional as F

torch.manual_seed(0)
student = torch.randn(6, 10, dtype=torch.float64) * 4
teacher = torch.randn(6, 10, dtype=torch.float64) * 8
cases = []
for temperature in [1.0, 2.5, 20.0]:
    x = student.clone().requires_grad_()
    loss = temperature ** 2 * F.kl_div(F.log_softmax(x / temperature, 1), F.log_softmax(teacher / temperature, 1), reduction='batchmean', log_target=True)
    loss.backward()
    cases.append({'temperature': temperature, 'loss': loss.item(), 'gradient': x.grad.flatten().tolist()})
print(json.dumps({'torch': torch.__version__, 'shape': [6, 10], 'student': student.flatten().tolist(), 'teacher': teacher.flatten().tolist(), 'cases': cases}))
