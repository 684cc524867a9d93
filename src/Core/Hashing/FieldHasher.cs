using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace MicroSpark.Hashing;

/// <summary>
/// Types whose equality is field by field: records, anonymous types, <see cref="Tuple"/>s and structs without their own Equals. The
/// fields' hashes are combined by a generated method, base types first, in the order of declaration; private fields count too.
/// </summary>
internal sealed class FieldHasher<T> : Hasher<T>
{
    private readonly FieldHash _hash = Generate();

    private delegate ulong FieldHash(ref T value);

    public override ulong Hash(T value) => _hash(ref value);

    private static FieldHash Generate()
    {
        var combine = typeof(HashMix).GetMethod(nameof(HashMix.Combine))!;
        var method = new DynamicMethod(
            "StableHash", typeof(ulong), [typeof(T).MakeByRefType()], typeof(FieldHasher<T>).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldc_I8, unchecked((long)HashMix.K3));
        foreach (var field in KeyShape.FieldsOf(typeof(T)))
        {
            // Pointers have no place in generic code. Leaving a field out keeps agreement with equality.
            if (field.FieldType.IsPointer || field.FieldType.IsFunctionPointer)
            {
                continue;
            }

            il.Emit(OpCodes.Ldarg_0);
            if (!typeof(T).IsValueType)
            {
                il.Emit(OpCodes.Ldind_Ref);
            }

            il.Emit(OpCodes.Ldfld, field);
            il.Emit(OpCodes.Call, typeof(StableHash<>).MakeGenericType(field.FieldType).GetMethod(nameof(StableHash<>.Of))!);
            il.Emit(OpCodes.Call, combine);
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<FieldHash>();
    }
}
