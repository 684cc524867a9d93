using System.Reflection.Metadata;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>The program's own methods that a lambda comes to, and the static fields that they assign to.</summary>
internal sealed record PathFacts(IReadOnlySet<MethodKey> Methods, IReadOnlySet<StaticKey> Assigned)
{
    public static PathFacts Of(OwnPath path)
    {
        var assigned = new HashSet<StaticKey>();
        foreach (var (_, code) in path.Bodies)
        {
            foreach (var instruction in code.Instructions)
            {
                if (instruction.Code == ILOpCode.Stsfld && IlTokens.Resolve(code.Field, instruction) is { } field)
                {
                    assigned.Add(StaticKey.Of(field));
                }
            }
        }

        return new PathFacts(path.Bodies.Select(static body => MethodKey.Of(body.Method)).ToHashSet(), assigned);
    }
}
